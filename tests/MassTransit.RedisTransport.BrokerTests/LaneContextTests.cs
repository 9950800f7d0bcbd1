using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.BrokerTests.Servers;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>A lane under load never ends: all that it did hung below the activity and the locals of whoever had come first.</summary>
public sealed class LaneContextTests(OnRedis server) : IClassFixture<OnRedis>
{
    static readonly AsyncLocal<string?> Local = new();

    [SkippableFact]
    public async Task Calls_of_a_send_lane_see_neither_the_activity_nor_the_locals_of_a_sender()
    {
        server.Server.SkipIfUnavailable();
        var queue = server.Engine.Queue(TestNames.Unique("lane"));
        var seen = new ConcurrentQueue<(string?, Activity?)>();
        var lane = new SendLane(new ScriptCaller(server.Engine.Connection), queue.Keys, TimeSpan.FromSeconds(30),
            new Replication(0, TimeSpan.Zero), onlyIfExists: false,
            QueueMeter.Temporary, _ => seen.Enqueue((Local.Value, Activity.Current)));
        using var activity = new Activity("the first sender's").Start();
        Local.Value = "the first sender's";

        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(x => lane.SendAsync(new OutgoingMessage(new byte[] { 1 }), null, default)));
        await lane.SendAsync(new OutgoingMessage(new byte[] { 2 }), null, default);

        Assert.InRange(seen.Count, 2, 1_001);
        Assert.All(seen, x => Assert.Equal((null, null), x));
        Assert.Same(activity, Activity.Current);
    }

    [SkippableFact]
    public async Task Calls_of_a_settle_lane_see_neither_the_activity_nor_the_locals_of_who_has_finished()
    {
        server.Server.SkipIfUnavailable();
        var queue = server.Engine.Queue(TestNames.Unique("lane"));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(x => queue.SendAsync(new OutgoingMessage(new byte[] { 1 }))));
        var leased = (await queue.CreateReader().LeaseAsync(100, TimeSpan.FromMinutes(5))).Messages;
        using var activity = new Activity("the first consumer's").Start();
        Local.Value = "the first consumer's";
        var listener = new Listener(leased.Length);

        foreach (var message in leased)
            queue.Settle(message.Lease, listener);
        await Eventually.CompletesAsync(listener.All);

        Assert.All(listener.Seen, x => Assert.Equal((null, null), x));
        Assert.Same(activity, Activity.Current);
    }

    sealed class Listener(int expected) : ISettleListener
    {
        readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<(string?, Activity?)> Seen { get; } = new();

        public Task All => _all.Task;

        public void OnSettled(bool leaseLost, Exception? error)
        {
            Seen.Enqueue((Local.Value, Activity.Current));
            if (Seen.Count == expected)
                _all.TrySetResult();
        }
    }
}
