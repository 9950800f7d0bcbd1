using StackExchange.Redis;

namespace MassTransit.RedisTransport.Keyspace;

/// <summary>
/// The only place where a Redis key or channel is spelled. Keys of one queue share a hash tag, so that each operation is
/// one script on one cluster slot. Channels carry prefix and database, since pub/sub ignores the database.
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
        Epoch = _prefix + "epoch";
        ProbeChannel = RedisChannel.Literal($"{_prefix}probe@{database}");
        TopologyChannel = RedisChannel.Literal($"{_prefix}topology@{database}");
    }

    /// <summary>Set of the names of all queues that do not delete themselves.</summary>
    public RedisKey Queues { get; }

    /// <summary>Set of the names of all topics that ever had a subscription.</summary>
    public RedisKey Topics { get; }

    /// <summary>Set of the dead-letter queues with names of their own, each with a queue it takes dead letters from: <c>graveyard&gt;orders</c>.</summary>
    public RedisKey DeadLetters { get; }

    /// <summary>A value no two lifetimes of the data share: when it changes, the server has lost everything.</summary>
    public RedisKey Epoch { get; }

    /// <summary>Says that a subscription has changed, so that senders read it anew.</summary>
    public RedisChannel TopologyChannel { get; }

    /// <summary>Nobody listens: whoever may publish here may wake receivers.</summary>
    public RedisChannel ProbeChannel { get; }

    /// <summary>What every key and channel begins with.</summary>
    public string Prefix => _prefix;

    public QueueKeys Queue(QueueName name)
    {
        var suffix = name.Value[name.Tag.Length..];
        return new QueueKeys($"{_prefix}{{{name.Tag}}}{suffix}:", _database);
    }

    public RedisKey Topic(string topic) => $"{_prefix}topic:{topic}";
}
