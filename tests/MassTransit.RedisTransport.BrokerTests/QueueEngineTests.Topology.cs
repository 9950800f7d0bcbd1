using System.Globalization;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests;

public abstract partial class QueueEngineTests
{
    [SkippableFact]
    public async Task A_topic_nobody_subscribed_to_leads_nowhere() => Assert.Empty(await Engine.Topology.ResolveAsync(NewName()));

    [SkippableFact]
    public async Task A_message_goes_to_every_queue_that_subscribed_and_to_none_that_left()
    {
        var topic = NewName();
        await Engine.Topology.SubscribeAsync(topic, "one", temporary: false);
        await Engine.Topology.SubscribeAsync(topic, "two", temporary: true);
        await Engine.Topology.SubscribeAsync(topic, "one", temporary: false);

        Assert.Equal(["one:False", "two:True"], await ResolveAsync(Engine, topic));

        await Engine.Topology.UnsubscribeAsync(topic, "one");
        await Engine.Topology.UnsubscribeAsync(topic, "nobody");
        Assert.Equal(["two:True"], await ResolveAsync(Engine, topic));

        await Engine.Topology.UnsubscribeAsync(topic, "two");
        Assert.Empty(await ResolveAsync(Engine, topic));
    }

    [SkippableFact]
    public async Task Links_are_followed_each_queue_once_and_cycles_end()
    {
        var (placed, order, all) = (NewName(), NewName(), NewName());
        var topology = Engine.Topology;
        await topology.LinkAsync(placed, order);
        await topology.LinkAsync(placed, all);
        await topology.LinkAsync(order, all);
        await topology.LinkAsync(all, placed);
        await topology.LinkAsync(all, all);
        await topology.SubscribeAsync(placed, "placed", temporary: false);
        await topology.SubscribeAsync(order, "both", temporary: false);
        await topology.SubscribeAsync(all, "both", temporary: false);
        await topology.SubscribeAsync(all, "audit", temporary: false);

        Assert.Equal(["audit:False", "both:False", "placed:False"], await ResolveAsync(Engine, placed));
        Assert.Equal(["audit:False", "both:False", "placed:False"], await ResolveAsync(Engine, all));
    }

    [SkippableFact]
    public async Task A_queue_that_is_subscribed_as_lasting_and_as_temporary_gets_a_message_once()
    {
        var (topic, linked) = (NewName(), NewName());
        await Engine.Topology.SubscribeAsync(topic, "queue", temporary: true);
        await Engine.Topology.LinkAsync(topic, linked);
        await Engine.Topology.SubscribeAsync(linked, "queue", temporary: false);

        Assert.Equal(["queue:False"], await ResolveAsync(Engine, topic));
    }

    [SkippableFact]
    public async Task A_change_reaches_a_sender_of_another_process_at_once()
    {
        var topic = NewName();
        // A clock that stands still: nothing is read anew because it has become old.
        await using var sender = Server.CreateEngine(time: new ManualTime());
        await using var receiver = Server.CreateEngine();
        Assert.Empty(await sender.Topology.ResolveAsync(topic));

        await receiver.Topology.SubscribeAsync(topic, "one", temporary: false);
        await Eventually.TrueAsync(async () => (await ResolveAsync(sender, topic)).SequenceEqual(["one:False"]));

        await receiver.Topology.UnsubscribeAsync(topic, "one");
        await Eventually.TrueAsync(async () => (await ResolveAsync(sender, topic)).Length == 0);
    }

    [SkippableFact]
    public async Task A_change_in_a_linked_topic_reaches_a_sender_too()
    {
        var (derived, @base) = (NewName(), NewName());
        await using var sender = Server.CreateEngine(time: new ManualTime());
        await sender.Topology.LinkAsync(derived, @base);
        Assert.Empty(await sender.Topology.ResolveAsync(derived));

        await Engine.Topology.SubscribeAsync(@base, "late", temporary: false);

        await Eventually.TrueAsync(async () => (await ResolveAsync(sender, derived)).SequenceEqual(["late:False"]));
    }

    [SkippableFact]
    public async Task A_change_whose_announcement_was_lost_is_noticed_when_the_view_is_old()
    {
        var topic = NewName();
        var time = new ManualTime();
        await using var sender = Server.CreateEngine(time: time);
        Assert.Empty(await sender.Topology.ResolveAsync(topic));
        await Raw.SetAddAsync(TopicKey(topic), "q:silent");

        Assert.Empty(await sender.Topology.ResolveAsync(topic));
        time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(["silent:False"], await ResolveAsync(sender, topic));
    }

    [SkippableFact]
    public async Task Resolving_again_asks_the_server_nothing()
    {
        var topic = NewName();
        await using var sender = Server.CreateEngine(time: new ManualTime());
        await Engine.Topology.SubscribeAsync(topic, "one", temporary: false);
        Assert.Single(await sender.Topology.ResolveAsync(topic));
        var same = await sender.Topology.ResolveAsync(topic);

        await Raw.KeyDeleteAsync(TopicKey(topic));

        Assert.Same(same, await sender.Topology.ResolveAsync(topic));
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("q")]
    [InlineData("q:")]
    [InlineData("q:a name with spaces")]
    [InlineData("q:{tagged}")]
    [InlineData("a:with/slash")]
    [InlineData("t:")]
    [InlineData("x:no time")]
    [InlineData("y:foreign")]
    [InlineData("\u0000\u00ff\u4e00")]
    public async Task A_foreign_member_of_a_topic_is_passed_over_and_the_others_get_what_is_published(string member)
    {
        var topic = NewName();
        await Raw.SetAddAsync(TopicKey(topic), [member, "q:real"]);

        Assert.Equal(["real:False"], await ResolveAsync(Engine, topic));
    }

    [SkippableFact]
    public async Task A_link_to_a_key_of_another_type_is_passed_over()
    {
        var (topic, foreign) = (NewName(), NewName());
        await Raw.StringSetAsync(TopicKey(foreign), "foreign");
        await Raw.SetAddAsync(TopicKey(topic), ["t:" + foreign, "q:real"]);

        Assert.Equal(["real:False"], await ResolveAsync(Engine, topic));
    }

    [SkippableFact]
    public async Task A_queue_that_deleted_itself_is_taken_out_of_the_topic_it_subscribed_to_and_one_that_is_back_stays()
    {
        var (derived, @base) = (NewName(), NewName());
        var (gone, back) = (NewName(), NewName());
        await Engine.Topology.LinkAsync(derived, @base);
        await Engine.Topology.SubscribeAsync(@base, gone, temporary: true);
        await Engine.Topology.SubscribeAsync(@base, back, temporary: true);
        await Engine.Queue(back).DeclareAsync(new QueueSettings(AutoDeleteOnIdle: TimeSpan.FromMinutes(1)));
        Assert.Equal(2, (await Engine.Topology.ResolveAsync(derived)).Length);

        await Engine.Topology.RemoveGoneAsync(derived, gone);
        await Engine.Topology.RemoveGoneAsync(derived, back);

        Assert.Equal(["a:" + back], await Engine.Topology.ReadAsync(@base));
        Assert.Equal([back + ":True"], await ResolveAsync(Engine, derived));
    }

    [SkippableFact]
    public async Task A_queue_is_taken_out_of_every_topic_and_leaves_a_mark_that_nobody_takes_for_a_subscriber()
    {
        var (one, two, other) = (NewName(), NewName(), NewName());
        var queue = NewName();
        await Engine.Topology.SubscribeAsync(one, queue, temporary: false);
        await Engine.Topology.SubscribeAsync(two, queue, temporary: true);
        await Engine.Topology.SubscribeAsync(other, "stays", temporary: false);

        Assert.Equal(new[] { one, two }.Order(StringComparer.Ordinal),
            (await Engine.Topology.UnsubscribeAllAsync(queue)).Order(StringComparer.Ordinal));

        Assert.Empty(await Engine.Topology.ReadAsync(one));
        Assert.Empty(await Engine.Topology.ReadAsync(two));
        Assert.Equal(["q:stays"], await Engine.Topology.ReadAsync(other));
        Assert.StartsWith($"x:{queue}@", (await Raw.SetMembersAsync(TopicKey(one))).Single().ToString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_mark_goes_when_every_sender_has_had_a_month_to_see_it()
    {
        var topic = NewName();
        var time = new ManualTime();
        await using var operation = Server.CreateEngine(time: time);
        foreach (var queue in (string[])["first", "second"])
        {
            await operation.Topology.SubscribeAsync(topic, queue, temporary: false);
            await operation.Topology.UnsubscribeAsync(topic, queue);
            time.Advance(TimeSpan.FromDays(31));
        }

        Assert.StartsWith("x:second@", (await Raw.SetMembersAsync(TopicKey(topic))).Single().ToString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Topics_are_listed_and_shown_as_they_stand()
    {
        var (topic, other) = (NewName(), NewName());
        await Engine.Topology.LinkAsync(topic, other);
        await Engine.Topology.SubscribeAsync(topic, "one", temporary: false);
        await Engine.Topology.SubscribeAsync(topic, "two", temporary: true);

        Assert.Equal(["a:two", "q:one", "t:" + other], await Engine.Topology.ReadAsync(topic));
        Assert.Contains(topic, await Engine.Topology.ListTopicsAsync());
    }

    [SkippableFact]
    public async Task A_topic_key_of_another_type_is_refused_in_plain_words()
    {
        var topic = NewName();
        await Raw.StringSetAsync(TopicKey(topic), "foreign");

        Assert.Contains("KeyPrefix",
            (await Assert.ThrowsAsync<RedisTransportException>(async () => await Engine.Topology.ResolveAsync(topic))).Message,
            StringComparison.Ordinal);
        Assert.Contains("KeyPrefix",
            (await Assert.ThrowsAsync<RedisTransportException>(() => Engine.Topology.SubscribeAsync(topic, "q", false))).Message,
            StringComparison.Ordinal);
    }

    /// <summary>The only place outside the keyspace that asks it for a topic's key.</summary>
    StackExchange.Redis.RedisKey TopicKey(string topic) => new KeyLayout(Server.KeyPrefix, Server.Database).Topic(topic);

    internal static async Task<string[]> ResolveAsync(QueueEngine engine, string topic) =>
        [.. (await engine.Topology.ResolveAsync(topic)).Select(x => string.Create(CultureInfo.InvariantCulture, $"{x.Queue}:{x.Temporary}"))
            .Order(StringComparer.Ordinal)];
}
