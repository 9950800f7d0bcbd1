namespace MassTransit;

/// <summary>
/// What operators have done to the queues of one key prefix, by page, by tool or by code. It keeps the newest 10,000 entries, in Redis
/// beside the queues. Added by <c>AddRedisQueues</c>, and a part of <see cref="RedisAdministration"/>.
/// </summary>
/// <remarks>
/// Every method throws <see cref="RedisTransportException"/> if the server refuses or does not answer within the send timeout. An act that
/// destroys or changes something is recorded before it is done, and is not done if it cannot be recorded.
/// </remarks>
public interface IRedisAudit
{
    /// <summary>Stores an entry, also on a server whose memory is full. The same event goes to the log (number 85).</summary>
    /// <param name="entry">
    /// What is done. <see cref="RedisAuditEntry.Id"/> and <see cref="RedisAuditEntry.At"/> are set here. With the outcome
    /// <see cref="RedisAuditOutcome.Started"/> it is told later by <see cref="CompleteAsync"/> what became of it.
    /// </param>
    /// <param name="cancellationToken">Stops the waiting; the entry may still be stored.</param>
    /// <returns>The entry as it is stored, with its id and the server's time.</returns>
    /// <exception cref="ArgumentException">A text of the entry is too long; nothing is stored.</exception>
    Task<RedisAuditEntry> RecordAsync(RedisAuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>Says what became of an act that was recorded as started. The entry keeps its id, its time and its place.</summary>
    /// <param name="entry">What <see cref="RecordAsync"/> has returned.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="count">How many messages it concerned; <c>null</c>: as recorded.</param>
    /// <param name="cancellationToken">Stops the waiting; the entry may still be stored.</param>
    /// <returns>The entry as it is stored now.</returns>
    Task<RedisAuditEntry> CompleteAsync(RedisAuditEntry entry, RedisAuditOutcome outcome, long? count = null,
        CancellationToken cancellationToken = default);

    /// <summary>Lists entries, the newest first.</summary>
    /// <param name="limit">How many at most, 1 to 1,000. Default: 100.</param>
    /// <param name="before">Continues a list: <see cref="RedisAuditPage.Next"/> of its last page.</param>
    /// <param name="queue">Only entries of this queue; <c>null</c>: all.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentException"><paramref name="before"/> marks no place in the audit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of its range.</exception>
    Task<RedisAuditPage> ListAsync(int limit = 100, string? before = null, string? queue = null,
        CancellationToken cancellationToken = default);
}

/// <summary>One entry of the audit. Texts come from people and programs: show them as text, never as markup or terminal codes.</summary>
public sealed record RedisAuditEntry
{
    /// <summary>The most characters of <see cref="User"/> and <see cref="Address"/>.</summary>
    public const int MaxUser = 200;

    /// <summary>The most characters of <see cref="Reason"/> and <see cref="Selection"/>.</summary>
    public const int MaxReason = 500;

    /// <summary>Its id, 32 hex digits. Set when it is recorded.</summary>
    public string Id { get; init; } = "";

    /// <summary>When it was recorded, by the server's clock.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Who acts: the name of a user, <c>local</c>, or <c>cli:user@host</c>. At most 200 characters.</summary>
    public required string User { get; init; }

    /// <summary>
    /// Whether the user has proven to be that one, as by a login. Default: false, as for a command line, which only says who runs it.
    /// </summary>
    public bool IsProven { get; init; }

    /// <summary>The address that the request came from, if there was one. At most 200 characters.</summary>
    public string? Address { get; init; }

    /// <summary>What is done, one of <see cref="RedisAuditActions"/> or a word of your own, at most 50 characters.</summary>
    public required string Action { get; init; }

    /// <summary>The queue that it is done to; <c>null</c> if it is done to none.</summary>
    public string? Queue { get; init; }

    /// <summary>Which messages, or which value: a key, a filter, a new limit. At most 500 characters.</summary>
    public string? Selection { get; init; }

    /// <summary>How many messages it concerns; <c>null</c> if that is not known.</summary>
    public long? Count { get; init; }

    /// <summary>Why, in the user's words. At most 500 characters.</summary>
    public string? Reason { get; init; }

    /// <summary>What became of it. Default: <see cref="RedisAuditOutcome.Done"/>.</summary>
    public RedisAuditOutcome Outcome { get; init; }

    /// <summary>The id of the trace in which it was done, 32 hex digits.</summary>
    public string? TraceId { get; init; }
}

/// <summary>What became of an act.</summary>
public enum RedisAuditOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>It was refused: the user has no right to it.</summary>
    Denied,

    /// <summary>It failed, perhaps after a part of it was done.</summary>
    Failed,

    /// <summary>Another process has gone on with it.</summary>
    TakenOver,

    /// <summary>It was begun. If this stays, its process ended before it could say more.</summary>
    Started,
}

/// <summary>The names of acts in the audit.</summary>
public static class RedisAuditActions
{
    /// <summary>A queue is paused.</summary>
    public const string Pause = "pause";

    /// <summary>A queue is resumed.</summary>
    public const string Resume = "resume";

    /// <summary>The number of messages in work is limited.</summary>
    public const string Limit = "limit";

    /// <summary>The number of messages per second is limited.</summary>
    public const string Rate = "rate";

    /// <summary>The number of workers per process is changed.</summary>
    public const string Workers = "workers";

    /// <summary>Limit, rate and workers are given back to the values in code.</summary>
    public const string Reset = "reset";

    /// <summary>Dead letters are moved back to their queue.</summary>
    public const string Replay = "replay";

    /// <summary>A dead letter is changed and moved back to its queue.</summary>
    public const string Edit = "edit";

    /// <summary>Messages are deleted.</summary>
    public const string Purge = "purge";

    /// <summary>Deleted messages are put back.</summary>
    public const string Restore = "restore";

    /// <summary>A queue is deleted.</summary>
    public const string Delete = "delete";

    /// <summary>A note is written to a group of failures.</summary>
    public const string Note = "note";

    /// <summary>An operation is stopped for good.</summary>
    public const string Cancel = "cancel";

    /// <summary>The body or the headers of a message are shown.</summary>
    public const string ViewPayload = "view-payload";

    /// <summary>Messages are written to a file.</summary>
    public const string Export = "export";

    /// <summary>Messages are read from a file.</summary>
    public const string Import = "import";
}

/// <summary>A part of the audit.</summary>
public sealed class RedisAuditPage
{
    /// <summary>The entries, the newest first.</summary>
    public IReadOnlyList<RedisAuditEntry> Entries { get; init; } = [];

    /// <summary>Where to continue; <c>null</c> if there are no older entries.</summary>
    public string? Next { get; init; }
}
