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
            root + "ready", root + "delayed", root + "leased", root + "messages", root + "deliveries", MetaOf(root),
        ];
        WakeChannel = RedisChannel.Literal($"{root}wake@{database}");
        WakeChannelName = $"{root}wake@{database}";
    }

    /// <summary>The keys in the order that every queue script expects: ready, delayed, leased, messages, deliveries, meta.</summary>
    public RedisKey[] All { get; }

    /// <summary>The keys that the figures of a queue are read from: those of <see cref="All"/> and the receivers.</summary>
    public RedisKey[] Counted => [.. All, Receivers];

    public RedisKey Ready => All[0];

    public RedisKey Delayed => All[1];

    public RedisKey Leased => All[2];

    public RedisKey Messages => All[3];

    public RedisKey Deliveries => All[4];

    public RedisKey Meta => All[5];

    /// <summary>The receivers of the queue, by when they were last heard of.</summary>
    public RedisKey Receivers => _root + "receivers";

    /// <summary>What each receiver says of itself.</summary>
    public RedisKey Beats => _root + "beats";

    /// <summary>The figures of each minute of a day.</summary>
    public RedisKey History => _root + "history";

    /// <summary>The hash that says who has paused or limited the queue, and why.</summary>
    public RedisKey Control => _root + "control";

    /// <summary>The keys beside the six of <see cref="All"/>. They are deleted with the queue.</summary>
    public RedisKey[] Beside => [Receivers, Beats, History, Control, Operations, Trash, TrashTimes];

    /// <summary>The channel that wakes receivers that sleep because the queue was empty.</summary>
    public RedisChannel WakeChannel { get; }

    public string WakeChannelName { get; }

    /// <summary>The key that holds the number of a sender's last applied call.</summary>
    public RedisKey Lane(string lane) => $"{_root}lane:{lane}";

    /// <summary>The key that holds the message which a scheduling token cancels.</summary>
    public RedisKey Token(string token) => $"{_root}token:{token}";

    /// <summary>The key that exists while messages with that dedupe id are refused as duplicates.</summary>
    public RedisKey Dedupe(string id) => $"{_root}dedupe:{id}";

    /// <summary>The key of one operation on the dead letters of the queue.</summary>
    public RedisKey Operation(string id) => $"{_root}operation:{id}";

    /// <summary>The ids of the operations on the dead letters of the queue.</summary>
    public RedisKey Operations => _root + "operations";

    /// <summary>The records of dead letters that were deleted a short time ago.</summary>
    public RedisKey Trash => _root + "trash";

    /// <summary>When they were deleted.</summary>
    public RedisKey TrashTimes => _root + "trashed";

    public static RedisKey MetaOf(string root) => root + "meta";
}
