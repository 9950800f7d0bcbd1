namespace MassTransit;

/// <summary>Which dead letters are meant: those for which all that is set holds. Nothing set means all.</summary>
public sealed class RedisDeadLetterFilter
{
    /// <summary>The exception's type, by its full name or the last part of it, without regard to case. Default: any.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>A part of the fault's message, without regard to case. Default: any.</summary>
    public string? FaultMessage { get; init; }

    /// <summary>The message's type: its URN, its full name (<c>Shop:Paid</c> or <c>Shop.Paid</c>) or its name alone. Default: any.</summary>
    public string? MessageType { get; init; }

    /// <summary>Those in the dead-letter queue at least this long, by the server's clock. Default: any.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Those in the dead-letter queue no longer than this, by the server's clock. Default: any.</summary>
    public TimeSpan? YoungerThan { get; init; }

    /// <summary>Headers and the values they must have, compared as text, exactly. Default: any.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>A test of the caller's own, asked last. What it throws ends the call; steps done before stay done. Default: none.</summary>
    public Func<RedisDeadLetter, bool>? Predicate { get; init; }
}

/// <summary>Some of the dead letters of a queue.</summary>
public sealed class RedisDeadLetterPage
{
    internal RedisDeadLetterPage()
    {
    }

    /// <summary>The most urgent first, then the oldest. There may be fewer than asked for, none even, while <see cref="Next"/> goes on.</summary>
    public required IReadOnlyList<RedisDeadLetter> Entries { get; init; }

    /// <summary>Continues behind this page: give it to the next call. <c>null</c>: there are no more.</summary>
    public string? Next { get; init; }
}
