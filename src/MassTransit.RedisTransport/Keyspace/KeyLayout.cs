using MassTransit.RedisTransport.Broker.Topics;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Keyspace;

/// <summary>
/// Spells all Redis keys and channels; no other class does. The keys of one queue share a hash tag, so that each operation is one script on
/// one cluster slot. Channels contain the prefix and the database, because pub/sub ignores the database.
/// </summary>
internal sealed class KeyLayout
{
    readonly string _prefix;
    readonly int _database;

    public KeyLayout(string? prefix, int database)
    {
        _prefix = string.IsNullOrEmpty(prefix) ? "mt:" : $"{prefix}:mt:";
        _database = database;
        Queues = _prefix + "queues";
        Topics = _prefix + "topics";
        DeadLetters = _prefix + "deadletters";
        Operations = _prefix + "operations";
        Epoch = _prefix + "epoch";
        Audit = _prefix + "audit";
        ProbeChannel = RedisChannel.Literal($"{_prefix}probe@{database}");
        TopologyChannel = RedisChannel.Literal($"{_prefix}topology@{database}");
    }

    /// <summary>The set of the names of all queues that do not delete themselves.</summary>
    public RedisKey Queues { get; }

    /// <summary>The set of the names of all topics that have ever had a subscription.</summary>
    public RedisKey Topics { get; }

    /// <summary>
    /// The set of dead-letter queues with custom names, each with a queue that it takes dead letters from: <c>graveyard&gt;orders</c>.
    /// </summary>
    public RedisKey DeadLetters { get; }

    /// <summary>The set of the dead-letter queues that have operations.</summary>
    public RedisKey Operations { get; }

    /// <summary>A random value that identifies the data. If it changes, the server has lost all its data.</summary>
    public RedisKey Epoch { get; }

    /// <summary>The sorted set of what operators have done, by time.</summary>
    public RedisKey Audit { get; }

    /// <summary>The channel that announces changed subscriptions, so that senders read them again.</summary>
    public RedisChannel TopologyChannel { get; }

    /// <summary>A channel without listeners. A user who may publish here may also wake receivers.</summary>
    public RedisChannel ProbeChannel { get; }

    /// <summary>The prefix of every key and channel.</summary>
    public string Prefix => _prefix;

    public QueueKeys Queue(QueueName name) => new(RootOf(name), _database);

    /// <summary>The key that exists as long as its queue.</summary>
    public RedisKey QueueMeta(QueueName name) => QueueKeys.MetaOf(RootOf(name));

    public RedisKey Topic(string topic) => $"{_prefix}topic:{topic}";

    string RootOf(QueueName name) => $"{_prefix}{{{name.Tag}}}{name.Value[name.Tag.Length..]}:";
}
