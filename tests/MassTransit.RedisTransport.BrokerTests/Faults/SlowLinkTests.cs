using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests.Faults;

/// <summary>
/// A message of 30 MB on a link of 100 Mbit/s was sent again after 2 s while the first copy was still on its way, was reported as
/// refused, and was stored.
/// </summary>
public sealed class SlowLinkTests : FaultTests
{
    const int Size = 8 * 1024 * 1024;

    [SkippableFact]
    public async Task A_payload_that_takes_longer_than_a_call_and_a_send_may_goes_over_the_wire_once_and_keeps_nobody_waiting()
    {
        await using var server = await StartAsync();
        await using var proxy = await FaultProxy.ListenAsync(server.ConnectionString);
        // 64 KB at a time: 6 s and more for all of it.
        proxy.RequestDelay = TimeSpan.FromMilliseconds(50);
        await using var engine = Connect(proxy.ConnectionString + ",asyncTimeout=1000", x => x.SendTimeout = TimeSpan.FromSeconds(3));
        var queue = engine.Queue("large");
        await queue.SendAsync(Message("first"));
        var before = proxy.Counters.RequestBytes;

        var started = Stopwatch.GetTimestamp();
        var send = queue.SendAsync(new OutgoingMessage(new byte[Size]));
        var others = 0;
        while (!send.IsCompleted && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
        {
            // A queue of its own: in the same one the second would have to wait for the first.
            await engine.Queue("small").SendAsync(Message($"{others++}"));
        }

        Assert.Equal(SendOutcome.Stored, await send);
        Assert.Equal(2, (await queue.CountAsync()).Ready);
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(3), "The link was not slow: the test has tested nothing.");
        Assert.InRange(proxy.Counters.RequestBytes - before, Size, Size + 1_000_000);
        Assert.True(others > 1);
    }

    [SkippableFact]
    public async Task A_payload_that_moves_no_more_is_given_up_and_said_to_be_uncertain()
    {
        await using var server = await StartAsync();
        await using var proxy = await FaultProxy.ListenAsync(server.ConnectionString);
        await using var engine = Connect(proxy.ConnectionString + ",asyncTimeout=500", x => x.SendTimeout = TimeSpan.FromSeconds(2));
        var queue = engine.Queue("large");
        await queue.SendAsync(Message("first"));

        proxy.HalfOpen();
        var exception = await Assert.ThrowsAsync<RedisTransportException>(() =>
            Eventually.CompletesAsync(queue.SendAsync(new OutgoingMessage(new byte[Size]))));

        Assert.True(exception.IsTransient);
        Assert.Contains("may or may not", exception.Message, StringComparison.Ordinal);
    }
}
