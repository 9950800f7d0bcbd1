using System.Text;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>A message on its way into a queue.</summary>
/// <param name="Record">What <see cref="MessageRecord"/> packed.</param>
/// <param name="Priority">0 to 255, higher is more urgent.</param>
/// <param name="Delay">How long, by the server's clock, until it may be delivered.</param>
/// <param name="CancelToken">Names the message for <see cref="MessageQueue.CancelAsync"/>.</param>
/// <param name="DedupeId">A second message with this id is not stored within <paramref name="DedupeWindow"/>.</param>
/// <param name="DedupeWindow">How long the id is remembered.</param>
/// <param name="MessageCount">How many messages the record holds: counted, and leased, as what they are.</param>
internal readonly record struct OutgoingMessage(
    ReadOnlyMemory<byte> Record,
    byte Priority = 0,
    TimeSpan Delay = default,
    string? CancelToken = null,
    string? DedupeId = null,
    TimeSpan DedupeWindow = default,
    int MessageCount = 1);

/// <summary>What became of a send.</summary>
internal enum SendOutcome
{
    Stored,

    /// <summary>A message with the same dedupe id was stored within the window.</summary>
    Duplicate,

    /// <summary>The queue deletes itself and is gone; nothing was stored.</summary>
    QueueGone,
}

/// <summary>Names one lease: message key, colon, lease token. A stale owner's handle matches nothing.</summary>
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

/// <summary>A message a receiver holds the lease of.</summary>
/// <param name="Lease">Names the lease.</param>
/// <param name="Key">Its key.</param>
/// <param name="Record">Its record; <c>null</c> where the body is missing.</param>
/// <param name="DeliveryCount">Failed deliveries so far.</param>
/// <param name="Stray">Its record was in no set: nobody knows what had become of it, and it is no work for a consumer.</param>
internal readonly record struct LeasedMessage(LeaseHandle Lease, MessageKey Key, ReadOnlyMemory<byte>? Record, int DeliveryCount, bool Stray = false)
{
    /// <summary>Its last receiver could not take it apart and has returned it, which is no failed delivery.</summary>
    public bool WasReturned { get; init; }

    /// <summary>A message that was split off, leased under the same token.</summary>
    public LeasedMessage Part(byte[] key, ReadOnlyMemory<byte> record, int maxFailed) =>
        MessageKey.TryParse(key, out var parsed)
            ? new LeasedMessage(LeaseHandle.Create(key, Lease.Token), parsed, record, Math.Min(DeliveryCount, maxFailed))
            : throw new FormatException("The split script returned something that is no key.");
}

/// <summary>A finished lease, and who is told when the server has heard of it.</summary>
internal readonly record struct Acknowledgement(LeaseHandle Lease, ISettleListener Listener);

/// <summary>What a lease call found.</summary>
/// <param name="Messages">Most urgent first.</param>
/// <param name="ServerTime">The server's clock, ms since 2024-01-01.</param>
/// <param name="NextDue">When to look again; <c>null</c>: nothing is delayed or leased.</param>
/// <param name="Declared">False when the server has lost the queue's settings.</param>
/// <param name="Reclaimed">How many messages were taken back from leases that had ended.</param>
internal sealed record LeaseResult(
    LeasedMessage[] Messages,
    long ServerTime,
    TimeSpan? NextDue,
    bool Declared,
    int Reclaimed)
{
    /// <summary>When the leases were asked for, by this process's monotonic clock, where that was not this call.</summary>
    public long? LeasedAt { get; init; }

    /// <summary>How many members were taken out of the queue that no version of the transport has written.</summary>
    public int Foreign { get; init; }

    /// <summary>How many of the messages have been delivered before without success.</summary>
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

/// <summary>A message as it lies in a queue.</summary>
/// <param name="Key">Its key; names it in requeue and remove.</param>
/// <param name="Record">Its record; <c>null</c> where the body is missing.</param>
/// <param name="Score">Rank when ready, due time or lease end (ms since 2024-01-01) otherwise.</param>
/// <param name="DeliveryCount">Failed deliveries so far.</param>
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
    long Cancelled);

/// <summary>How deep a queue is.</summary>
/// <param name="Ready">Messages a consumer could take.</param>
/// <param name="Delayed">Messages whose time has not come.</param>
/// <param name="Leased">Messages that consumers work on.</param>
/// <param name="OldestAge">How long the oldest ready message has waited; zero where there is none.</param>
internal readonly record struct QueueMeasure(long Ready, long Delayed, long Leased, TimeSpan OldestAge)
{
    /// <summary>All messages of the queue, whatever they wait for.</summary>
    public long Total => Ready + Delayed + Leased;
}

/// <summary>What a queue is declared with.</summary>
/// <param name="PriorityAging">What one step of priority is worth in time; <c>null</c>: strict.</param>
/// <param name="AutoDeleteOnIdle">How long it lives without a receiver; <c>null</c>: for ever.</param>
internal sealed record QueueSettings(TimeSpan? PriorityAging = null, TimeSpan? AutoDeleteOnIdle = null);

/// <summary>What an answer of the move script means.</summary>
internal enum MoveOutcome
{
    LeaseLost = 0,
    Moved = 1,
    Gone = 2,
}
