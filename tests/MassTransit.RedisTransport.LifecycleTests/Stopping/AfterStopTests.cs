using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Stopping;

/// <summary>A publish after the stop opened a connection that nobody closed.</summary>
public sealed class AfterStopTests
{
    [Fact]
    public async Task What_is_sent_after_the_stop_is_refused_by_name_over_no_connection_and_works_after_the_next_start()
    {
        await using var server = new EmbeddedServer();
        await server.StartAsync();
        await using var proxy = await FaultProxy.ListenAsync(server.ConnectionString);
        var bus = Bus.Factory.CreateUsingRedis(cfg => cfg.Host($"redis://{proxy.ConnectionString}/0/{TestNames.Unique("stopped")}"));
        await bus.StartAsync();
        var endpoint = await bus.GetSendEndpoint(new Uri("queue:orders"));
        await endpoint.Send(new Ping(1));
        await bus.StopAsync();
        var connections = proxy.Counters.Connections;

        foreach (var send in (Func<Task>[])[() => endpoint.Send(new Ping(2)), () => bus.Publish(new Ping(3))])
            Assert.Contains("has been stopped", (await Assert.ThrowsAsync<RedisTransportException>(send)).Message,
                StringComparison.Ordinal);
        Assert.Equal(connections, proxy.Counters.Connections);

        await bus.StartAsync();
        await endpoint.Send(new Ping(4));
        await bus.Publish(new Ping(5));
        await bus.StopAsync();
    }
}
