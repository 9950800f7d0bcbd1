using System.Collections.Concurrent;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests.Faults;

/// <summary>
/// A server that comes back with data from before a subscription: restarted from a snapshot, or a replica that lagged. The
/// marker of its lifetime is the same, so that only who remembers knows that anything is missing.
/// </summary>
public sealed class OlderDataTests : FaultTests
{
    const string Topic = "shop:placed";

    [SkippableFact]
    public async Task A_sender_keeps_the_queues_it_knows_and_writes_their_subscriptions_again_while_their_receiver_is_down()
    {
        await using var server = await StartAsync();
        server.SkipIfNotControllable();
        var log = new Lines();
        await using var sender = Connect(server.ConnectionString, logger: log);
        await using (var receiver = Connect(server.ConnectionString))
        {
            Assert.Empty(await sender.Topology.ResolveAsync(Topic));
            await SaveAsync(server);
            await receiver.Topology.SubscribeAsync("shop", "orders", temporary: false);
            await receiver.Topology.LinkAsync(Topic, "shop");
            await Eventually.TrueAsync(async () => (await QueueEngineTests.ResolveAsync(sender, Topic)).SequenceEqual(["orders:False"]));
        }

        await GoBackAsync(server);

        // Never once without it, from the first answer on.
        await Eventually.TrueAsync(async () =>
        {
            Assert.Equal(["orders:False"], await QueueEngineTests.ResolveAsync(sender, Topic));
            return log.Items.Count(x => x.Contains("nobody has taken it out", StringComparison.Ordinal)) == 2;
        });
        await using var newcomer = Connect(server.ConnectionString);
        Assert.Equal(["orders:False"], await QueueEngineTests.ResolveAsync(newcomer, Topic));
    }

    [SkippableFact]
    public async Task A_receiver_writes_its_subscription_again_though_nobody_publishes()
    {
        await using var server = await StartAsync();
        server.SkipIfNotControllable();
        await using var receiver = Connect(server.ConnectionString);
        await receiver.Topology.LinkAsync(Topic, "before");
        await SaveAsync(server);
        await receiver.Topology.SubscribeAsync(Topic, "orders", temporary: false);

        await GoBackAsync(server);

        await using var newcomer = Connect(server.ConnectionString);
        await Eventually.TrueAsync(async () => (await newcomer.Topology.ReadAsync(Topic)).Contains("q:orders"),
            message: "the subscription is there again");
    }

    [SkippableFact]
    public async Task A_queue_that_was_taken_out_while_a_sender_was_cut_off_is_not_brought_back()
    {
        await using var server = await StartAsync();
        await using var proxy = await FaultProxy.ListenAsync(server.ConnectionString);
        await using var operation = Connect(server.ConnectionString);
        await using var sender = Connect(proxy.ConnectionString);
        await operation.Topology.SubscribeAsync(Topic, "gone", temporary: false);
        await operation.Topology.SubscribeAsync(Topic, "stays", temporary: false);
        Assert.Equal(["gone:False", "stays:False"], await QueueEngineTests.ResolveAsync(sender, Topic));

        proxy.TakeDown();
        await operation.Topology.UnsubscribeAsync(Topic, "gone");
        proxy.Pass();

        await Eventually.TrueAsync(async () => (await QueueEngineTests.ResolveAsync(sender, Topic)).SequenceEqual(["stays:False"]));
        Assert.Equal(["q:stays"], await operation.Topology.ReadAsync(Topic));
    }

    [SkippableFact]
    public async Task An_old_mark_of_a_queue_that_came_back_does_not_take_it_out_again()
    {
        await using var server = await StartAsync();
        server.SkipIfNotControllable();
        await using var operation = Connect(server.ConnectionString);
        await operation.Topology.SubscribeAsync(Topic, "orders", temporary: false);
        await operation.Topology.UnsubscribeAsync(Topic, "orders");
        await SaveAsync(server);
        await using (var receiver = Connect(server.ConnectionString))
            await receiver.Topology.SubscribeAsync(Topic, "orders", temporary: false);
        await using var sender = Connect(server.ConnectionString);
        Assert.Equal(["orders:False"], await QueueEngineTests.ResolveAsync(sender, Topic));

        await GoBackAsync(server);

        await Eventually.TrueAsync(async () =>
        {
            Assert.Equal(["orders:False"], await QueueEngineTests.ResolveAsync(sender, Topic));
            return (await operation.Topology.ReadAsync(Topic)).SequenceEqual(["q:orders"]);
        });
    }

    [SkippableFact]
    public async Task Two_senders_that_both_remember_write_a_subscription_once_and_go_on()
    {
        await using var server = await StartAsync();
        server.SkipIfNotControllable();
        await using var one = Connect(server.ConnectionString);
        await using var two = Connect(server.ConnectionString);
        await using (var receiver = Connect(server.ConnectionString))
        {
            await SaveAsync(server);
            await receiver.Topology.SubscribeAsync(Topic, "orders", temporary: false);
            await receiver.Topology.SubscribeAsync(Topic, "billing", temporary: false);
        }

        foreach (var sender in (QueueEngine[])[one, two])
            Assert.Equal(["billing:False", "orders:False"], await QueueEngineTests.ResolveAsync(sender, Topic));

        await GoBackAsync(server);

        await Eventually.TrueAsync(async () =>
        {
            foreach (var sender in (QueueEngine[])[one, two])
                Assert.Equal(["billing:False", "orders:False"], await QueueEngineTests.ResolveAsync(sender, Topic));
            return (await one.Topology.ReadAsync(Topic)).SequenceEqual(["q:billing", "q:orders"]);
        });
    }

    [SkippableFact]
    public async Task A_user_without_channels_subscribes_publishes_and_is_warned_once()
    {
        await using var server = await StartAsync(x =>
        {
            x.Users.Add("default on nopass ~* &* +@all");
            x.Users.Add("deaf on >secret ~* resetchannels +@all");
        });
        var log = new Lines();
        await using var deaf = Connect(server.ConnectionString + ",user=deaf,password=secret", logger: log);
        await using var hearing = Connect(server.ConnectionString);
        Assert.Empty(await hearing.Topology.ResolveAsync(Topic));

        await deaf.Topology.SubscribeAsync(Topic, "orders", temporary: false);
        await deaf.Topology.LinkAsync(Topic, "other");
        Assert.Equal(["orders:False"], await QueueEngineTests.ResolveAsync(deaf, Topic));
        await deaf.Topology.UnsubscribeAsync(Topic, "orders");
        Assert.Empty(await deaf.Topology.ResolveAsync(Topic));

        Assert.Contains("&", Assert.Single(log.Items, x => x.Contains("channel", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    static async Task SaveAsync(RedisServerProcess server)
    {
        await using var admin = await server.ConnectAsync();
        await admin.GetDatabase().ExecuteAsync("SAVE");
    }

    /// <summary>To what it had saved.</summary>
    static async Task GoBackAsync(RedisServerProcess server)
    {
        await server.KillAsync();
        await server.RestartAsync();
    }

    sealed class Lines : ILogger
    {
        public ConcurrentQueue<string> Items { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Items.Enqueue(formatter(state, exception));
        }
    }
}
