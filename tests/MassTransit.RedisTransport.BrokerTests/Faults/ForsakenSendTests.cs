using System.Diagnostics;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Testing;
using MassTransit.Shared;

namespace MassTransit.RedisTransport.BrokerTests.Faults;

/// <summary>
/// Whoever gives up on a send tells somebody else so, who then repeats it: sent all the same when the server came back, each webhook
/// was processed 3 to 14 times.
/// </summary>
public sealed class ForsakenSendTests : FaultTests
{
    [SkippableFact]
    public async Task What_its_sender_has_given_up_during_an_outage_is_not_sent_after_it_and_what_others_wait_for_is()
    {
        await using var server = await StartAsync();
        await using var proxy = await FaultProxy.ListenAsync(server.ConnectionString);
        await using var engine = Connect(proxy.ConnectionString, x => x.SendTimeout = TimeSpan.FromMinutes(1));
        var queue = await TakeDownAsync(proxy, engine);
        using var impatience = new CancellationTokenSource();

        // The first is tried over and over; the others wait behind it, in one call.
        var first = queue.SendAsync(Message("first"));
        var forsaken = Enumerable.Range(0, 50).Select(x => queue.SendAsync(Message($"forsaken {x}"), cancellationToken: impatience.Token))
            .ToArray();
        var waiting = queue.SendAsync(Message("waiting") with { DedupeId = "d", DedupeWindow = Lease });
        await impatience.CancelAsync();
        foreach (var send in forsaken)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => send);
        proxy.Pass();

        Assert.Equal(SendOutcome.Stored, await Eventually.CompletesAsync(first));
        Assert.Equal(SendOutcome.Stored, await Eventually.CompletesAsync(waiting));
        Assert.Equal(["before", "first", "waiting"], Texts(await LeaseAsync(queue)));
    }

    [SkippableFact]
    public async Task A_call_that_nobody_waits_for_any_more_is_tried_no_more()
    {
        await using var server = await StartAsync();
        await using var proxy = await FaultProxy.ListenAsync(server.ConnectionString);
        await using var engine = Connect(proxy.ConnectionString, x => x.SendTimeout = TimeSpan.FromMinutes(1));
        var queue = await TakeDownAsync(proxy, engine);
        using var impatience = new CancellationTokenSource();

        var forsaken = queue.SendAsync(Message("forsaken"), cancellationToken: impatience.Token);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => forsaken);
        proxy.Pass();

        Assert.Equal(SendOutcome.Stored, await Eventually.CompletesAsync(queue.SendAsync(Message("after"))));
        Assert.Equal(["before", "after"], Texts(await LeaseAsync(queue)));
    }

    /// <summary>Each step of a send had a timeout of its own: reading where a topic leads, then storing the message.</summary>
    [SkippableFact]
    public async Task What_has_spent_its_time_on_other_steps_ends_before_others_of_its_call_and_is_not_sent()
    {
        await using var server = await StartAsync();
        await using var proxy = await FaultProxy.ListenAsync(server.ConnectionString);
        await using var engine = Connect(proxy.ConnectionString, x => x.SendTimeout = TimeSpan.FromMinutes(5));
        var queue = await TakeDownAsync(proxy, engine);
        var budget = TimeSpan.FromMinutes(5);
        var begun = Stopwatch.GetTimestamp() - (long)((budget - TimeSpan.FromSeconds(1)).TotalSeconds * Stopwatch.Frequency);

        var first = queue.SendAsync(Message("first"));
        var late = queue.SendAsync(Message("late"), deadline: new Deadline(begun, budget, TimeProvider.System));
        var patient = queue.SendAsync(Message("patient"));

        var failure = await Assert.ThrowsAsync<RedisTransportException>(() => Eventually.CompletesAsync(late));
        Assert.True(failure.IsTransient);
        Assert.Contains("within 300 s", failure.Message, StringComparison.Ordinal);
        Assert.False(first.IsCompleted || patient.IsCompleted);
        proxy.Pass();
        Assert.Equal(SendOutcome.Stored, await Eventually.CompletesAsync(first));
        Assert.Equal(SendOutcome.Stored, await Eventually.CompletesAsync(patient));
        Assert.Equal(["before", "first", "patient"], Texts(await LeaseAsync(queue)));
    }

    [SkippableFact]
    public async Task Looking_for_the_subscribers_of_a_topic_and_linking_it_end_with_the_send_they_are_for()
    {
        await using var server = await StartAsync();
        await using var proxy = await FaultProxy.ListenAsync(server.ConnectionString);
        await using var engine = Connect(proxy.ConnectionString, x => x.SendTimeout = TimeSpan.FromMinutes(5));
        await TakeDownAsync(proxy, engine);
        var deadline = Deadline.After(TimeSpan.FromSeconds(1));

        var resolving = Assert.ThrowsAsync<RedisTransportException>(() =>
            Eventually.CompletesAsync(engine.Topology.ResolveAsync("topic", deadline, default).AsTask()));
        var linking = Assert.ThrowsAsync<RedisTransportException>(() =>
            Eventually.CompletesAsync(engine.Topology.LinkAsync("topic", "base", deadline)));

        Assert.True((await resolving).IsTransient);
        Assert.True((await linking).IsTransient);
        Assert.True(deadline.IsOver || deadline.Left < TimeSpan.FromSeconds(0.5));
    }

    /// <summary>Returns a queue that has one message, and whose server the client has noticed to be away.</summary>
    static async Task<MessageQueue> TakeDownAsync(FaultProxy proxy, QueueEngine engine)
    {
        var queue = engine.Queue("orders");
        await queue.SendAsync(Message("before"));
        proxy.TakeDown();
        await Eventually.TrueAsync(() => !engine.Connection.IsConnected, message: "the client has noticed");
        return queue;
    }
}
