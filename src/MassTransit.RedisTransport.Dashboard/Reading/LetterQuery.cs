using MassTransit.RedisTransport.Dashboard.Access;

namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>Which dead letters are meant, as an address says it: a link that is pasted into a chat shows the same.</summary>
internal sealed record LetterQuery
{
    const int MaxText = 200;

    public string? Exception { get; init; }

    public string? Message { get; init; }

    public string? Type { get; init; }

    public string? Older { get; init; }

    public string? Younger { get; init; }

    /// <summary>A header and its value, <c>name=value</c>.</summary>
    public string? Header { get; init; }

    RedisDeadLetterFilter? Filter { get; init; }

    /// <summary>True if all are meant.</summary>
    public bool IsAll => Filter is null;

    public static LetterQuery Read(Asked asked)
    {
        var query = new LetterQuery
        {
            Exception = asked.Text("exception", MaxText),
            Message = asked.Text("message", MaxText),
            Type = asked.Text("type", MaxText),
            Older = asked.Text("older", MaxText),
            Younger = asked.Text("younger", MaxText),
            Header = asked.Text("header", 2 * MaxText),
        };
        var filter = new RedisDeadLetterFilter
        {
            ExceptionType = query.Exception,
            FaultMessage = query.Message,
            MessageType = query.Type,
            OlderThan = asked.Duration("older"),
            YoungerThan = asked.Duration("younger"),
            Headers = HeaderOf(query.Header),
        };
        var isAll = query.Pairs.All(x => string.IsNullOrEmpty(x.Value));
        return query with { Filter = isAll ? null : filter };
    }

    /// <summary>
    /// The filter; <c>null</c>: all. In a dead-letter queue that several queues share, a user gets only the letters of those that they
    /// see.
    /// </summary>
    public RedisDeadLetterFilter? ToFilter(Viewer viewer)
    {
        if (viewer.SeesAll)
            return Filter;
        var filter = Filter ?? new RedisDeadLetterFilter();
        return new RedisDeadLetterFilter
        {
            ExceptionType = filter.ExceptionType,
            FaultMessage = filter.FaultMessage,
            MessageType = filter.MessageType,
            OlderThan = filter.OlderThan,
            YoungerThan = filter.YoungerThan,
            Headers = filter.Headers,
            Predicate = viewer.Sees,
        };
    }

    /// <summary>The parts of the address.</summary>
    public (string Name, string? Value)[] Pairs =>
    [
        ("exception", Exception), ("message", Message), ("type", Type), ("older", Older), ("younger", Younger), ("header", Header),
    ];

    /// <summary>In words.</summary>
    public string Describe()
    {
        string[] parts =
        [
            .. new[]
            {
                Exception is null ? null : $"exception {Exception}",
                Message is null ? null : $"message contains \"{Message}\"",
                Type is null ? null : $"type {Type}",
                Older is null ? null : $"older than {Older}",
                Younger is null ? null : $"younger than {Younger}",
                Header is null ? null : $"header {Header}",
            }.OfType<string>(),
        ];
        return parts.Length == 0 ? "all" : string.Join(", ", parts);
    }

    static Dictionary<string, string>? HeaderOf(string? header)
    {
        if (header is null)
            return null;
        var equals = header.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [header[..equals].Trim()] = header[(equals + 1)..].Trim() }
            : throw new BadQueryException("'header' is written as name=value.");
    }
}
