using StackExchange.Redis;

namespace MassTransit.RedisTransport.Keyspace;

/// <summary>The keys and the channel of one queue.</summary>
internal sealed class QueueKeys
{
    readonly string _root;

    public QueueKeys(string root, int database)
    {
        _root = root;
        All =
        [
            root + "ready", root + "delayed", root + "leased", root + "messages", root + "deliveries", root + "meta",
        ];
        WakeChannel = RedisChannel.Literal($"{root}wake@{database}");
        WakeChannelName = $"{root}wake@{database}";
    }

    /// <summary>In the order every queue script expects: ready, delayed, leased, messages, deliveries, meta.</summary>
    public RedisKey[] All { get; }

    public RedisKey Ready => All[0];

    public RedisKey Delayed => All[1];

    public RedisKey Leased => All[2];

    public RedisKey Messages => All[3];

    public RedisKey Deliveries => All[4];

    public RedisKey Meta => All[5];

    /// <summary>Wakes receivers that sleep on an empty queue.</summary>
    public RedisChannel WakeChannel { get; }

    public string WakeChannelName { get; }

    /// <summary>The number of the last call one sender has had applied.</summary>
    public RedisKey Lane(string lane) => $"{_root}lane:{lane}";

    /// <summary>Names the message a scheduling token cancels.</summary>
    public RedisKey Token(string token) => $"{_root}token:{token}";

    /// <summary>Present while a message with that dedupe id is refused as a duplicate.</summary>
    public RedisKey Dedupe(string id) => $"{_root}dedupe:{id}";
}
