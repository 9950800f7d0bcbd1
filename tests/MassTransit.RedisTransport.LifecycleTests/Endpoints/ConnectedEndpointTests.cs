using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.LifecycleTests.Endpoints;

public sealed class ConnectedEndpointTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Endpoint_connected_at_run_time_receives_until_it_is_disconnected()
    {
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(redis.Server, _ => { });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        var handle = app.Bus.ConnectReceiveEndpoint("late", e => e.Handler<Ping>(context =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        }));
        await Eventually.CompletesAsync(handle.Ready, message: "the endpoint is ready");
        await app.Bus.Publish(new Ping(1));
        await received.WaitAsync(1);

        await Eventually.CompletesAsync(handle.StopAsync(), message: "the endpoint's stop");
        await app.Bus.Publish(new Ping(2));
        // It keeps its subscription, as a queue that outlives its receiver does: the message waits.
        Assert.Single(await server.ReadAsync("late"));
        Assert.Equal([1], received.Items);
    }

    [Fact]
    public async Task Endpoint_can_be_connected_again_under_the_same_name()
    {
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(redis.Server, _ => { });
        for (var round = 1; round <= 3; round++)
        {
            var handle = app.Bus.ConnectReceiveEndpoint("again", e => e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            }));
            await Eventually.CompletesAsync(handle.Ready, message: "the endpoint is ready");
            await app.Bus.Publish(new Ping(round));
            await received.WaitAsync(round);
            await Eventually.CompletesAsync(handle.StopAsync(), message: "the endpoint's stop");
        }

        Assert.Equal([1, 2, 3], received.Items);
    }

    [Fact]
    public async Task Endpoints_that_were_connected_and_stopped_leave_nothing_in_memory()
    {
        const int endpoints = 60;
        await using var app = await TestApp.StartAsync(redis.Server, _ => { });
        // Once before, so that what is loaded and compiled with the first one does not count.
        await ConnectAndStopAsync(app, 5);
        var left = await ConnectAndStopAsync(app, endpoints);

        // The last ones may still be in the hands of a thread that has just ended.
        await Eventually.TrueAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return left.Count(x => x.IsAlive) <= 3;
        }, message: "the endpoints are forgotten");
    }

    /// <summary>Returns what the handlers of the endpoints hold, which lives as long as they do.</summary>
    static async Task<List<WeakReference>> ConnectAndStopAsync(TestApp app, int count)
    {
        var held = new List<WeakReference>();
        for (var i = 0; i < count; i++)
        {
            var (handle, reference) = Connect(app, $"passing-{i}");
            held.Add(reference);
            await Eventually.CompletesAsync(handle.Ready, message: "the endpoint is ready");
            await Eventually.CompletesAsync(handle.StopAsync(), message: "the endpoint's stop");
        }

        return held;
    }

    static (HostReceiveEndpointHandle Handle, WeakReference Held) Connect(TestApp app, string name)
    {
        var state = new byte[1_000];
        var handle = app.Bus.ConnectReceiveEndpoint(name, e => e.Handler<Notice>(_ =>
        {
            GC.KeepAlive(state);
            return Task.CompletedTask;
        }));
        return (handle, new WeakReference(state));
    }

    [Fact]
    public async Task Connector_connects_registered_consumers_at_run_time()
    {
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Services = s => s.AddSingleton(received);
            x.Register = r => r.AddConsumer<RecordingConsumer>().ExcludeFromConfigureEndpoints();
        });

        var connector = app.Services.GetRequiredService<IReceiveEndpointConnector>();
        var handle = connector.ConnectReceiveEndpoint("by-connector", (context, e) =>
        {
            ((IRedisReceiveEndpointConfigurator)e).LeaseDuration = TimeSpan.FromSeconds(5);
            e.ConfigureConsumer<RecordingConsumer>(context);
        });
        await Eventually.CompletesAsync(handle.Ready, message: "the endpoint is ready");
        await app.SendAsync("by-connector", new Ping(7));
        await received.WaitAsync(1);
        Assert.Equal([7], received.Items);
    }

    [Fact]
    public async Task Endpoint_connected_with_a_bad_option_is_refused_by_name()
    {
        await using var app = await TestApp.StartAsync(redis.Server, _ => { });
        var refused = Assert.ThrowsAny<ConfigurationException>(() => app.Bus.ConnectReceiveEndpoint("bad", e =>
            ((IRedisReceiveEndpointConfigurator)e).MaxDeliveryCount = 0));
        Assert.Contains("MaxDeliveryCount", refused.Message, StringComparison.Ordinal);
    }

    sealed class RecordingConsumer(Inbox<int> received) : IConsumer<Ping>
    {
        public Task Consume(ConsumeContext<Ping> context)
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        }
    }
}
