namespace MassTransit;

/// <summary>Selects dead letters that meet all conditions that are set. Without any condition it selects all.</summary>
public sealed class RedisDeadLetterFilter
{
    /// <summary>The exception's type, by its full name or the last part of it, without regard to case. Default: any.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>A part of the fault's message, without regard to case. Default: any.</summary>
    public string? FaultMessage { get; init; }

    /// <summary>
    /// The message's type: its URN, its full name (<c>Shop:Paid</c> or <c>Shop.Paid</c>) or its name alone. Default: any.
    /// </summary>
    public string? MessageType { get; init; }

    /// <summary>
    /// Selects messages that have been in the dead-letter queue for at least this long, by the server's clock. Default: any.
    /// </summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>
    /// Selects messages that have been in the dead-letter queue for at most this long, by the server's clock. Default: any.
    /// </summary>
    public TimeSpan? YoungerThan { get; init; }

    /// <summary>Headers and the values they must have, compared as text, exactly. Default: any.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>
    /// A test of the caller, which is run last. If it throws, the call ends with that exception, and earlier steps stay done. Default:
    /// none.
    /// </summary>
    public Func<RedisDeadLetter, bool>? Predicate { get; init; }
}

/// <summary>A page of the dead letters of a queue.</summary>
public sealed class RedisDeadLetterPage
{
    internal RedisDeadLetterPage()
    {
    }

    /// <summary>
    /// The dead letters, the most urgent first, then the oldest. There may be fewer than the limit, or none, even if <see cref="Next"/> is
    /// set.
    /// </summary>
    public required IReadOnlyList<RedisDeadLetter> Entries { get; init; }

    /// <summary>The cursor for the next page; <c>null</c> if there are no more.</summary>
    public string? Next { get; init; }
}
