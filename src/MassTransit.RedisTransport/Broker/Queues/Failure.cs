using System.Globalization;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>What a dead letter is counted as.</summary>
/// <param name="Fingerprint">The group of its failure.</param>
/// <param name="WasReplayed">True if it came back after a replay.</param>
/// <param name="Operation">The operation that had replayed it; <c>null</c> if none had.</param>
internal sealed record Failure(FailureFingerprint Fingerprint, bool WasReplayed, string? Operation)
{
    /// <summary>How long the id of an operation may be. A longer value was written by somebody else.</summary>
    const int MaxOperation = 300;

    public static Failure Of(MessageRecord record) => new(FailureFingerprint.Of(record),
        int.TryParse(Convert.ToString(RecordHeaders.Find(record.Headers, RecordHeaders.ReplayCount), CultureInfo.InvariantCulture),
            NumberStyles.None, CultureInfo.InvariantCulture, out var replays) && replays > 0,
        RecordHeaders.Find(record.Headers, RecordHeaders.ReplayOperation) is string { Length: > 0 and <= MaxOperation } operation
            ? operation : null);

    /// <param name="bytes">A record.</param>
    /// <param name="cut">True if its end is missing.</param>
    public static Failure Of(ReadOnlyMemory<byte> bytes, bool cut) =>
        MessageRecord.TryParse(bytes, out var record) || (cut && MessageRecord.TryParseHead(bytes, out record))
            ? Of(record) : new Failure(FailureFingerprint.Of(null), false, null);
}

/// <summary>A failure group as it is stored. Times are ms since 2024.</summary>
internal sealed record StoredGroup(string Id, long Count, string Title, long First, long Last, string? LastKey, long Again, string? Note);

/// <summary>All failure groups of a queue.</summary>
/// <param name="Total">Messages in the queue, in groups or not.</param>
/// <param name="Drifted">True if an older version has removed messages and left their groups behind.</param>
/// <param name="Groups">The groups.</param>
internal sealed record StoredGroups(long Total, bool Drifted, StoredGroup[] Groups)
{
    public long Ungrouped => Total - Groups.Sum(x => x.Count);
}
