namespace MassTransit;

/// <summary>
/// Dead letters of one queue that failed in the same way: with the same exception at the same place of the application's code, or, without
/// a stack trace, with a message that differs only in numbers, ids and quoted text. Counts are exact and cost nothing to read.
/// </summary>
public sealed class RedisFailureGroup
{
    internal RedisFailureGroup()
    {
    }

    /// <summary>
    /// 14 hex digits, the same in every process and in every queue; <c>unreadable</c> for records that cannot be read; <c>other</c> for
    /// what came when the queue had 200 groups.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>One line: the exception's type and where it was thrown, or what it says. At most 200 characters.</summary>
    public required string Title { get; init; }

    /// <summary>How many messages are in the group. A bundle counts as many as it holds.</summary>
    public long Count { get; init; }

    /// <summary>
    /// When the first of them came into the queue, by the server's clock. The group begins anew when it has become empty in between.
    /// </summary>
    public DateTimeOffset FirstSeen { get; init; }

    /// <summary>When the last of them came into the queue, by the server's clock.</summary>
    public DateTimeOffset LastSeen { get; init; }

    /// <summary>The key of the last one; it may have been replayed or purged. <c>null</c> if it is not known.</summary>
    public string? SampleKey { get; init; }

    /// <summary>How many came into the group after a replay: what was replayed and failed again.</summary>
    public long FailedAgain { get; init; }

    /// <summary>What somebody has noted about it; <c>null</c> if nobody has. It goes with the last message of the group.</summary>
    public RedisFailureNote? Note { get; init; }
}

/// <summary>The failure groups of a dead-letter queue at one moment.</summary>
public sealed class RedisFailureGroups
{
    internal RedisFailureGroups()
    {
    }

    /// <summary>The groups, the largest first.</summary>
    public required IReadOnlyList<RedisFailureGroup> Entries { get; init; }

    /// <summary>All messages of the queue, in groups or not.</summary>
    public long Total { get; init; }

    /// <summary>
    /// Messages that are not grouped yet: those that came before there were groups, by a send, or by a process of an older version. Each
    /// call groups some of them, and so does a process with <c>AddRedisOperations</c>.
    /// </summary>
    public long NotGroupedYet { get; init; }

    /// <summary>
    /// False while a process of an older version uses the queue, or the traces of one are removed: counts may be too high. Each call
    /// removes some of them.
    /// </summary>
    public bool IsExact { get; init; }
}

/// <summary>A note on a failure group: "known, PAY-123, on it".</summary>
/// <param name="Text">The text, 1 to 500 characters.</param>
public sealed record RedisFailureNote(string Text)
{
    /// <summary>The longest text.</summary>
    public const int MaxLength = 500;

    /// <summary>A link to more, <c>http</c> or <c>https</c>, at most 500 characters. Default: none.</summary>
    public string? Link { get; init; }

    /// <summary>Until when the note holds; it is shown as over after that, not removed. Default: for as long as the group.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who has written it. Set when it is read.</summary>
    public string? By { get; init; }

    /// <summary>When it was written. Set when it is read.</summary>
    public DateTimeOffset? At { get; init; }

    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Text) || Text.Length > MaxLength)
            throw new ArgumentException($"A note has 1 to {MaxLength} characters.", nameof(Text));
        if (Link is { } link && (link.Length > MaxLength || !Uri.TryCreate(link, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https")))
            throw new ArgumentException($"'{nameof(Link)}' is an address that begins with http:// or https://, of at most {MaxLength} "
                + "characters.", nameof(Link));
    }
}
