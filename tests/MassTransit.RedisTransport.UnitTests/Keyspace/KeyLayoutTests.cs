using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.UnitTests.Keyspace;

public sealed class KeyLayoutTests
{
    [Fact]
    public void The_slot_is_computed_as_the_specification_says()
    {
        Assert.Equal(0x31C3, ClusterSlot.Crc16("123456789"u8));
        Assert.Equal(ClusterSlot.Of("user1000"), ClusterSlot.Of("{user1000}.following"));
    }

    [Theory]
    [InlineData("orders")]
    [InlineData("a.b:c-d_e")]
    [InlineData("orders_error")]
    [InlineData("_error")]
    public void All_keys_of_a_queue_and_of_its_dead_letter_queues_share_one_slot(string name)
    {
        var layout = new KeyLayout("app", 0);
        string[] names = [name, name + "_error", name + "_skipped", name + "_error_skipped"];
        var keys = names.Select(x => layout.Queue(QueueName.Parse(x))).SelectMany(KeysOf).ToArray();

        Assert.Single(keys.Select(ClusterSlot.Of).Distinct());
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Queues_do_not_all_share_one_slot()
    {
        var layout = new KeyLayout(null, 0);
        var slots = Enumerable.Range(0, 100).Select(x => ClusterSlot.Of(layout.Queue(QueueName.Parse($"queue-{x}")).Ready.ToString()))
            .Distinct();

        Assert.True(slots.Count() > 90);
    }

    [Fact]
    public void Keys_are_spelled_as_documented()
    {
        var keys = new KeyLayout(null, 0).Queue(QueueName.Parse("orders"));

        Assert.Equal(["mt:{orders}:ready", "mt:{orders}:delayed", "mt:{orders}:leased", "mt:{orders}:messages", "mt:{orders}:deliveries",
            "mt:{orders}:meta"],
            keys.All.Select(x => x.ToString()));
        Assert.Equal("mt:{orders}_error:ready", new KeyLayout("", 0).Queue(QueueName.Parse("orders_error")).Ready.ToString());
        Assert.Equal("app:mt:topic:Orders:Placed", new KeyLayout("app", 3).Topic("Orders:Placed").ToString());
        Assert.Equal([keys.Ready, keys.Delayed, keys.Leased, keys.Messages, keys.Deliveries, keys.Meta], keys.All);
    }

    [Fact]
    public void Another_prefix_shares_no_key_and_no_channel()
    {
        var one = Everything(new KeyLayout("one", 0));
        var two = Everything(new KeyLayout("two", 0));

        Assert.Empty(one.Intersect(two));
    }

    [Fact]
    public void Another_database_shares_no_channel_because_channels_ignore_the_database()
    {
        var name = QueueName.Parse("orders");
        KeyLayout zero = new("app", 0), five = new("app", 5);

        Assert.NotEqual(zero.Queue(name).WakeChannel, five.Queue(name).WakeChannel);
        Assert.NotEqual(zero.TopologyChannel, five.TopologyChannel);
        Assert.Equal(zero.Queue(name).WakeChannelName, zero.Queue(name).WakeChannel.ToString());
    }

    static IEnumerable<string> Everything(KeyLayout layout)
    {
        var queue = layout.Queue(QueueName.Parse("orders"));
        return [.. KeysOf(queue), layout.Queues.ToString(), layout.Topics.ToString(), layout.Epoch.ToString(),
            layout.DeadLetters.ToString(), layout.Topic("t").ToString(),
            layout.TopologyChannel.ToString(), queue.WakeChannelName];
    }

    static IEnumerable<string> KeysOf(QueueKeys keys) =>
        keys.All.Append(keys.Lane("x")).Append(keys.Token("x")).Append(keys.Dedupe("x")).Select(x => x.ToString());
}
