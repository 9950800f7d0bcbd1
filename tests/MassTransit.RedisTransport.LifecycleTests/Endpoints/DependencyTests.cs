using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.LifecycleTests.Endpoints;

public sealed class DependencyTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Endpoint_receives_only_when_what_it_depends_on_is_ready()
    {
        var received = new Inbox<int>();
        var dependency = new Dependency();
        var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.HostOptions = o => o.WaitUntilStarted = false;
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("depends", e =>
            {
                e.AddDependency(dependency);
                e.Handler<Ping>(context =>
                {
                    received.Add(context.Message.Number);
                    return Task.CompletedTask;
                });
            });
        });
        await using (app)
        {
            await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
            await Eventually.TrueAsync(async () => (await server.CountAsync("depends")).Exists, message: "the queue is declared");
            await app.SendAsync("depends", new Ping(1));
            Assert.Equal((1, 0), ((await server.CountAsync("depends")).Ready, received.Count));

            dependency.BecomeReady();
            await received.WaitAsync(1);
        }
    }

    [Fact]
    public async Task Endpoint_stops_only_after_those_that_depend_on_it()
    {
        var started = new Signal();
        var release = new Signal();
        var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) =>
        {
            cfg.ReceiveEndpoint("base", b =>
            {
                b.Handler<Pong>(_ => Task.CompletedTask);
                cfg.ReceiveEndpoint("dependent", d =>
                {
                    d.AddDependency(b);
                    d.Handler<Ping>(async context =>
                    {
                        started.Set();
                        await release.Task;
                        // Its base still takes part: a request to it is answered while the dependent drains.
                        await context.Send(new Uri("queue:base"), new Pong(1));
                    });
                });
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        await using (app)
        {
            await app.SendAsync("dependent", new Ping(1));
            await started.WaitAsync("the handler runs");
            var stopping = app.StopAsync();
            release.Set();
            await stopping;
        }

        Assert.Equal(1, (await server.CountAsync("base")).Sent);
        Assert.Equal(1, (await server.CountAsync("base")).Completed);
    }

    sealed class Dependency : IReceiveEndpointDependency
    {
        readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ready => _ready.Task;

        public void BecomeReady() => _ready.SetResult();
    }
}
