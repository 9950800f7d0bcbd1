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

    /// <summary>A failure group.</summary>
    public string? Group { get; init; }

    /// <summary>A property of the message itself and its value, <c>name=value</c>: <c>receiver=github</c> of a webhook.</summary>
    public string? Property { get; init; }

    /// <summary>A text anywhere in the message.</summary>
    public string? Text { get; init; }

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
            Group = asked.Text("group", 20),
            Property = asked.Text("property", 2 * MaxText),
            Text = asked.Text("text", MaxText),
        };
        var filter = new RedisDeadLetterFilter
        {
            ExceptionType = query.Exception,
            FaultMessage = query.Message,
            MessageType = query.Type,
            OlderThan = asked.Duration("older"),
            YoungerThan = asked.Duration("younger"),
            Headers = PairOf("header", query.Header),
            Properties = PairOf("property", query.Property),
            Group = query.Group,
            Text = query.Text,
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
            Properties = filter.Properties,
            Group = filter.Group,
            Text = filter.Text,
            Predicate = viewer.Sees,
        };
    }

    /// <summary>The parts of the address.</summary>
    public (string Name, string? Value)[] Pairs =>
    [
        ("exception", Exception), ("message", Message), ("type", Type), ("older", Older), ("younger", Younger), ("header", Header),
        ("group", Group), ("property", Property), ("text", Text),
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
                Group is null ? null : $"failure {Group}",
                Property is null ? null : $"property {Property}",
                Text is null ? null : $"contains \"{Text}\"",
            }.OfType<string>(),
        ];
        return parts.Length == 0 ? "all" : string.Join(", ", parts);
    }

    static Dictionary<string, string>? PairOf(string name, string? pair)
    {
        if (pair is null)
            return null;
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [pair[..equals].Trim()] = pair[(equals + 1)..].Trim() }
            : throw new BadQueryException($"'{name}' is written as name=value.");
    }
}
