using System.Diagnostics;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Endpoints;

public sealed class IdleCostTests
{
    [SkippableFact]
    public async Task Idle_endpoint_costs_at_most_two_calls_a_second()
    {
        var own = await OwnServer.StartAsync(new RedisServerOptions());
        await using (own)
        {
            await using var app = await TestApp.StartAsync(own,
                x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("idle", e => e.Handler<Ping>(_ => Task.CompletedTask)));
            await app.SendAsync("idle", new Ping(1));
            await using var server = await ServerSide.ConnectAsync(own, app.Prefix);
            await server.EmptyAsync("idle");

            var before = await CallsAsync(server);
            var started = Stopwatch.GetTimestamp();
            // Not a wait for an effect: the span over which the cost is measured.
            await Eventually.TrueAsync(() => Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(5));
            var calls = await CallsAsync(server) - before;
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

            Assert.InRange(calls, 1, 2 * Math.Ceiling(seconds));
        }
    }

    /// <summary>
    /// Calls of clients; commands within a script are the server's own work. INFO and PING are this test's and the client's.
    /// </summary>
    static Task<long> CallsAsync(ServerSide server) =>
        CommandCounts.SumAsync(server.Database.Multiplexer, "evalsha", "eval", "get", "smembers", "publish", "subscribe");
}
