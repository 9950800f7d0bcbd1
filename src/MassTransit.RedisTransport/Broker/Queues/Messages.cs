using System.Text;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>A message that is to be stored in a queue.</summary>
/// <param name="Record">The record, packed by <see cref="MessageRecord"/>.</param>
/// <param name="Priority">0 to 255; a higher one is more urgent.</param>
/// <param name="Delay">The delay before it may be delivered, by the server's clock.</param>
/// <param name="CancelToken">Names the message for <see cref="MessageQueue.CancelAsync"/>.</param>
/// <param name="DedupeId">A further message with this id is not stored within <paramref name="DedupeWindow"/>.</param>
/// <param name="DedupeWindow">How long the id is remembered.</param>
/// <param name="MessageCount">How many messages the record holds. Counts and leases use this number.</param>
internal readonly record struct OutgoingMessage(
    ReadOnlyMemory<byte> Record,
    byte Priority = 0,
    TimeSpan Delay = default,
    string? CancelToken = null,
    string? DedupeId = null,
    TimeSpan DedupeWindow = default,
    int MessageCount = 1);

/// <summary>The result of a send.</summary>
internal enum SendOutcome
{
    Stored,

    /// <summary>A message with the same dedupe id was stored within the window.</summary>
    Duplicate,

    /// <summary>The queue had deleted itself. Nothing was stored.</summary>
    QueueGone,
}

/// <summary>Identifies one lease: message key, colon, lease token. The handle of an earlier owner matches no lease.</summary>
internal readonly record struct LeaseHandle(byte[] Member)
{
    public ReadOnlySpan<byte> Key => Member.AsSpan(0, MessageKey.Length);

    /// <summary>How many messages the record holds.</summary>
    public int MessageCount => MessageKey.TryParse(Key, out var key) ? key.MessageCount : 1;

    public string Token => Encoding.ASCII.GetString(Member.AsSpan(MessageKey.Length + 1));

    public static LeaseHandle Create(ReadOnlySpan<byte> key, string token)
    {
        var member = new byte[key.Length + 1 + token.Length];
        key.CopyTo(member);
        member[key.Length] = (byte)':';
        Encoding.ASCII.GetBytes(token, member.AsSpan(key.Length + 1));
        return new LeaseHandle(member);
    }

    public override string ToString() => Encoding.ASCII.GetString(Key);
}

/// <summary>A message that a receiver has leased.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Key">Its key.</param>
/// <param name="Record">Its record; <c>null</c> if the record is missing.</param>
/// <param name="DeliveryCount">The number of failed deliveries so far.</param>
/// <param name="Stray">True if its record was in no set. Its state is unknown then, so no consumer gets it.</param>
internal readonly record struct LeasedMessage(LeaseHandle Lease, MessageKey Key, ReadOnlyMemory<byte>? Record, int DeliveryCount,
    bool Stray = false)
{
    /// <summary>True if its last receiver could not split it and has returned it. This is no failed delivery.</summary>
    public bool WasReturned { get; init; }

    /// <summary>Creates a message that was split off this one, leased under the same token.</summary>
    public LeasedMessage Part(byte[] key, ReadOnlyMemory<byte> record, int maxFailed) =>
        MessageKey.TryParse(key, out var parsed)
            ? new LeasedMessage(LeaseHandle.Create(key, Lease.Token), parsed, record, Math.Min(DeliveryCount, maxFailed))
            : throw new FormatException("The split script returned something that is no key.");
}

/// <summary>A finished lease, and the listener that is called when the server has confirmed it.</summary>
internal readonly record struct Acknowledgement(LeaseHandle Lease, ISettleListener Listener);

/// <summary>The result of a lease call.</summary>
/// <param name="Messages">The messages, the most urgent first.</param>
/// <param name="ServerTime">The server's clock, ms since 2024-01-01.</param>
/// <param name="NextDue">When to call again; <c>null</c> if nothing is delayed or leased.</param>
/// <param name="Declared">False if the server has lost the queue's settings.</param>
/// <param name="Reclaimed">How many messages were taken back from expired leases.</param>
internal sealed record LeaseResult(
    LeasedMessage[] Messages,
    long ServerTime,
    TimeSpan? NextDue,
    bool Declared,
    int Reclaimed)
{
    /// <summary>When the leases were requested, by this process's monotonic clock, if an earlier call has done that.</summary>
    public long? LeasedAt { get; init; }

    /// <summary>How many members that no version of the transport has written were removed from the queue.</summary>
    public int Foreign { get; init; }

    /// <summary>What operators have set for the queue, as of the last call of the lease script.</summary>
    public LeaseControl Control { get; init; }

    /// <summary>How many of the messages were delivered before without success.</summary>
    public int Redelivered
    {
        get
        {
            var count = 0;
            foreach (var message in Messages)
                count += message.DeliveryCount > 0 ? message.Key.MessageCount : 0;
            return count;
        }
    }

    /// <summary>How many messages the records hold together.</summary>
    public int MessageCount
    {
        get
        {
            var count = 0;
            foreach (var message in Messages)
                count += message.Key.MessageCount;
            return count;
        }
    }
}

/// <summary>What operators have set for a queue, as a lease call reports it.</summary>
/// <param name="IsPaused">True if no message may begin now.</param>
/// <param name="Version">Grows with every change; 0 if nothing was ever set.</param>
/// <param name="Workers">How many workers a process may have; 0: as its code says.</param>
/// <param name="Limit">How many messages may be leased in all processes together; 0: any number.</param>
internal readonly record struct LeaseControl(bool IsPaused, long Version, int Workers, int Limit);

/// <summary>A message as it is stored in a queue.</summary>
/// <param name="Key">Its key, which requeue and remove take.</param>
/// <param name="Record">Its record; <c>null</c> if the record is missing.</param>
/// <param name="Score">The rank of a ready message; otherwise the due time or the lease end (ms since 2024-01-01).</param>
/// <param name="DeliveryCount">The number of failed deliveries so far.</param>
internal sealed record StoredMessage(string Key, ReadOnlyMemory<byte>? Record, double Score, int DeliveryCount);

internal enum MessageState
{
    Ready = 1,
    Delayed = 2,
    Leased = 3,
}

internal sealed record QueueCounts(
    long Ready,
    long Delayed,
    long Leased,
    long Records,
    bool Exists,
    long Sent,
    long Completed,
    long Moved,
    long Reclaimed,
    long Removed,
    long Cancelled)
{
    /// <summary>How long the oldest ready message has waited; zero if there is none.</summary>
    public TimeSpan OldestAge { get; init; }

    /// <summary>How many receivers live.</summary>
    public int Receivers { get; init; }

    /// <summary>The server's clock at the reading.</summary>
    public DateTimeOffset ServerTime { get; init; }

    /// <summary>True if the queue is paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>How many messages may be leased in all processes together; <c>null</c>: any number.</summary>
    public int? Limit { get; init; }

    /// <summary>Grows with every change of what operators set; 0 if nothing was ever set.</summary>
    public long ControlVersion { get; init; }
}

/// <summary>The depth of a queue.</summary>
/// <param name="Ready">Messages that are ready for a consumer.</param>
/// <param name="Delayed">Messages that are delayed.</param>
/// <param name="Leased">Messages that are leased to consumers.</param>
/// <param name="OldestAge">How long the oldest ready message has waited; zero if there is none.</param>
internal readonly record struct QueueMeasure(long Ready, long Delayed, long Leased, TimeSpan OldestAge)
{
    /// <summary>True if the queue is paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>How many messages may be leased in all processes together; <c>null</c>: any number.</summary>
    public int? Limit { get; init; }

    /// <summary>All messages of the queue, in any state.</summary>
    public long Total => Ready + Delayed + Leased;
}

/// <summary>The settings of a queue.</summary>
/// <param name="PriorityAging">The head start that one step of priority gives; <c>null</c>: strict priority.</param>
/// <param name="AutoDeleteOnIdle">How long the queue lives without a receiver; <c>null</c>: for ever.</param>
internal sealed record QueueSettings(TimeSpan? PriorityAging = null, TimeSpan? AutoDeleteOnIdle = null);

/// <summary>The result of the move script.</summary>
internal enum MoveOutcome
{
    LeaseLost = 0,
    Moved = 1,
    Gone = 2,
}
