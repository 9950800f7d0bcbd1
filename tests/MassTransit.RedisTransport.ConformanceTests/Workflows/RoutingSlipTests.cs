using MassTransit.Courier.Contracts;
using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.ConformanceTests.Workflows;

public sealed record BookArguments(string Item, bool Fail);

public sealed record BookLog(string Item);

public sealed class BookActivity(Inbox<string> log) : IActivity<BookArguments, BookLog>
{
    public async Task<ExecutionResult> Execute(ExecuteContext<BookArguments> context)
    {
        if (context.Arguments.Fail)
            throw new InvalidOperationException("sold out");
        await log.AddAsync($"booked {context.Arguments.Item}");
        return context.Completed(new BookLog(context.Arguments.Item));
    }

    public async Task<CompensationResult> Compensate(CompensateContext<BookLog> context)
    {
        await log.AddAsync($"cancelled {context.Log.Item}");
        return context.Compensated();
    }
}

public sealed class RoutingSlipTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Activities_run_one_after_the_other()
    {
        var log = new Inbox<string>();
        await using var bus = await StartAsync(log);

        await bus.Bus.Execute(Slip(("hotel", false), ("flight", false)));

        Assert.Equal(["booked hotel", "booked flight", "completed"], await log.WaitAsync(3));
    }

    [Fact]
    public async Task Activities_are_compensated_when_a_later_one_fails()
    {
        var log = new Inbox<string>();
        await using var bus = await StartAsync(log);

        await bus.Bus.Execute(Slip(("hotel", false), ("car", false), ("flight", true)));

        Assert.Equal(["booked hotel", "booked car", "cancelled car", "cancelled hotel", "faulted"], await log.WaitAsync(5));
    }

    static RoutingSlip Slip(params (string Item, bool Fail)[] steps)
    {
        var builder = new RoutingSlipBuilder(NewId.NextGuid());
        foreach (var (item, fail) in steps)
            builder.AddActivity(item, new Uri("queue:book_execute"), new { Item = item, Fail = fail });
        return builder.Build();
    }

    Task<TestBus> StartAsync(Inbox<string> log) => TestBus.StartAsync(_server, (context, cfg) =>
    {
        cfg.ReceiveEndpoint("slips", e =>
        {
            e.Handler<RoutingSlipCompleted>(_ => log.AddAsync("completed"));
            e.Handler<RoutingSlipFaulted>(_ => log.AddAsync("faulted"));
        });
        cfg.ConfigureEndpoints(context);
    }, x =>
    {
        x.AddSingleton(log);
        x.AddActivity<BookActivity, BookArguments, BookLog>().Endpoints(e => e.Name = "book_execute", e => e.Name = "book_compensate");
    });
}
