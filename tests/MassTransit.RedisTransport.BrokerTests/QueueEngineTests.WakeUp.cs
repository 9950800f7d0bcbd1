using System.Collections.Concurrent;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Keyspace;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task A_send_wakes_a_receiver_that_waits_and_only_then()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings());
        await using var wakes = await ListenAsync(queue);
        var lane = queue.CreateReader();

        await SendAsync(queue, "nobody waits");
        Assert.Equal(0, await wakes.CountAsync());

        Assert.Single((await lane.LeaseAsync(10, Lease)).Messages);
        await SendAsync(queue, "woken");
        Assert.Equal(1, await wakes.CountAsync());

        await SendAsync(queue, "awake already", "still awake");
        Assert.Equal(1, await wakes.CountAsync());
    }

    [SkippableFact]
    public async Task A_receiver_that_got_all_it_asked_for_does_not_wait()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings());
        await using var wakes = await ListenAsync(queue);
        await SendAsync(queue, "a");

        Assert.Single(await LeaseAsync(queue, 1));
        await SendAsync(queue, "b");

        Assert.Equal(0, await wakes.CountAsync());
    }

    [SkippableFact]
    public async Task A_receiver_that_leaves_messages_behind_wakes_another_that_waits()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings());
        await SendAsync(queue, "a", "b", "c");
        await using var wakes = await ListenAsync(queue);
        await Raw.HashSetAsync(queue.Keys.Meta, "waiting", "1");

        Assert.Single(await LeaseAsync(queue, 1));

        Assert.Equal(1, await wakes.CountAsync());
    }

    [SkippableFact]
    public async Task A_delayed_send_wakes_only_when_it_is_due_before_all_others()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings());
        await using var wakes = await ListenAsync(queue);

        async Task<int> WakesOfAsync(Func<Task> operation)
        {
            await LeaseAsync(queue);
            var before = await wakes.CountAsync();
            await operation();
            return await wakes.CountAsync() - before;
        }

        Assert.Equal(1, await WakesOfAsync(() => queue.SendAsync(Message("first", delay: TimeSpan.FromHours(2)))));
        Assert.Equal(0, await WakesOfAsync(() => queue.SendAsync(Message("later", delay: TimeSpan.FromHours(3)))));
        Assert.Equal(1, await WakesOfAsync(() => queue.SendAsync(Message("sooner", delay: TimeSpan.FromHours(1)))));
    }

    [SkippableFact]
    public async Task Release_move_and_replay_wake_the_receivers_of_the_queue_that_gains()
    {
        var queue = NewQueue();
        var error = Engine.Queue(queue.Name + "_error");
        await queue.DeclareAsync(new QueueSettings());
        await error.DeclareAsync(new QueueSettings());
        await SendAsync(queue, "a", "b");
        var leased = await LeaseAsync(queue);
        await LeaseAsync(error);
        await using var wakes = await ListenAsync(queue);
        await using var errorWakes = await ListenAsync(error);

        await queue.ReleaseAsync([leased[0].Lease], TimeSpan.Zero, failedDelivery: false);
        Assert.Equal((1, 0), (await wakes.CountAsync(), await errorWakes.CountAsync()));

        await queue.MoveAsync(leased[1].Lease, error, new byte[] { 1 });
        Assert.Equal((1, 1), (await wakes.CountAsync(), await errorWakes.CountAsync()));

        await LeaseAsync(queue);
        var dead = await error.PeekAsync(MessageState.Ready, 0, 1);
        await error.RequeueAsync(queue, [KeyValuePair.Create(dead[0].Key, dead[0].Record!.Value)]);
        Assert.Equal((2, 1), (await wakes.CountAsync(), await errorWakes.CountAsync()));
    }

    [SkippableFact]
    public async Task A_queue_that_nobody_declared_is_not_marked_as_waited_for()
    {
        var queue = NewQueue();

        Assert.Empty(await LeaseAsync(queue));

        Assert.False(await Raw.KeyExistsAsync(queue.Keys.Meta));
    }

    async Task<WakeListener> ListenAsync(MessageQueue queue)
    {
        var subscriber = Server.Admin.GetSubscriber();
        var listener = new WakeListener(Raw, subscriber, queue.Keys);
        // In order, one by one: a plain handler is called on any thread.
        (await subscriber.SubscribeAsync(queue.Keys.WakeChannel)).OnMessage(x => listener.OnMessage(x.Message));
        return listener;
    }

    /// <summary>Counts wake-ups. A marker sent behind them, by the same node, says when all of them have arrived.</summary>
    sealed class WakeListener(IDatabase database, ISubscriber subscriber, QueueKeys keys) : IAsyncDisposable
    {
        readonly ConcurrentDictionary<string, TaskCompletionSource> _markers = new();
        int _count;

        public void OnMessage(RedisValue message)
        {
            if (message == "1")
                Interlocked.Increment(ref _count);
            else if (_markers.TryGetValue(message.ToString(), out var marker))
                marker.TrySetResult();
        }

        public async Task<int> CountAsync()
        {
            var name = Guid.NewGuid().ToString("N");
            var marker = _markers[name] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await database.ScriptEvaluateAsync("redis.call('PUBLISH', ARGV[1], ARGV[2]) return redis.call('EXISTS', KEYS[1])", [keys.Meta],
                [keys.WakeChannelName, name]);
            await marker.Task.WaitAsync(TimeSpan.FromSeconds(20));
            return Volatile.Read(ref _count);
        }

        public async ValueTask DisposeAsync() => await subscriber.UnsubscribeAsync(keys.WakeChannel);
    }
}
