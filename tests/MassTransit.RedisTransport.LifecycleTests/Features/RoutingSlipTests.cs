using MassTransit.Courier.Contracts;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.LifecycleTests.Features;

public sealed record StepArguments(string Name, bool Fails);

public sealed record StepLog(string Name);

public sealed class RoutingSlipTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Routing_slip_runs_its_steps_in_order_and_says_completed()
    {
        var trace = new Inbox<string>();
        await using var app = await StartAsync(trace);
        await app.Bus.Execute(Slip(app, "one", "two", "three"));
        await trace.WaitAsync(4);
        Assert.Equal(["execute one", "execute two", "execute three", "completed"], trace.Items);
    }

    [Fact]
    public async Task Routing_slip_that_fails_compensates_backwards_and_says_faulted()
    {
        var trace = new Inbox<string>();
        await using var app = await StartAsync(trace);
        await app.Bus.Execute(Slip(app, "one", "two", "bad"));
        await trace.WaitAsync(6);
        Assert.Equal(["execute one", "execute two", "execute bad", "compensate two", "compensate one", "faulted"], trace.Items);
    }

    static RoutingSlip Slip(TestApp app, params string[] steps)
    {
        var builder = new RoutingSlipBuilder(NewId.NextGuid());
        foreach (var step in steps)
            builder.AddActivity(step, new Uri("queue:step_execute"), new StepArguments(step, step == "bad"));
        builder.AddSubscription(new Uri(app.Bus.Address, "watcher"), RoutingSlipEvents.Completed | RoutingSlipEvents.Faulted);
        return builder.Build();
    }

    Task<TestApp> StartAsync(Inbox<string> trace) => TestApp.StartAsync(redis.Server, x =>
    {
        x.Services = s => s.AddSingleton(trace);
        x.Register = r =>
        {
            r.AddActivity<StepActivity, StepArguments, StepLog>()
                .Endpoints(e => e.Name = "step_execute", e => e.Name = "step_compensate");
        };
        x.Bus = (context, cfg) =>
        {
            cfg.ReceiveEndpoint("watcher", e =>
            {
                e.Handler<RoutingSlipCompleted>(_ => Add("completed"));
                e.Handler<RoutingSlipFaulted>(_ => Add("faulted"));
            });
            cfg.ConfigureEndpoints(context);
        };
        Task Add(string text)
        {
            trace.Add(text);
            return Task.CompletedTask;
        }
    });

    sealed class StepActivity(Inbox<string> trace) : IActivity<StepArguments, StepLog>
    {
        public Task<ExecutionResult> Execute(ExecuteContext<StepArguments> context)
        {
            trace.Add($"execute {context.Arguments.Name}");
            return context.Arguments.Fails
                ? throw new InvalidOperationException("the step failed")
                : Task.FromResult(context.Completed(new StepLog(context.Arguments.Name)));
        }

        public Task<CompensationResult> Compensate(CompensateContext<StepLog> context)
        {
            trace.Add($"compensate {context.Log.Name}");
            return Task.FromResult(context.Compensated());
        }
    }
}
