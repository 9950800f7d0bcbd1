namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>Which dead letters are meant, as an address says it: a link that is pasted into a chat shows the same.</summary>
internal sealed record LetterQuery
{
    /// <summary>Without any condition.</summary>
    public static readonly LetterQuery All = new();

    const int MaxText = 200;
    const int MaxProperties = 10;

    public string? Exception { get; init; }

    public string? Message { get; init; }

    public string? Type { get; init; }

    public string? Older { get; init; }

    public string? Younger { get; init; }

    /// <summary>A header and its value, <c>name=value</c>.</summary>
    public string? Header { get; init; }

    /// <summary>A failure group.</summary>
    public string? Group { get; init; }

    /// <summary>Properties of the message itself and their values, <c>name=value</c>: <c>receiver=github</c> of a webhook.</summary>
    public IReadOnlyList<string> Properties { get; init; } = [];

    /// <summary>A text anywhere in the message.</summary>
    public string? Text { get; init; }

    TimeSpan? OlderThan { get; init; }

    TimeSpan? YoungerThan { get; init; }

    Dictionary<string, string>? HeaderValues { get; init; }

    Dictionary<string, string>? PropertyValues { get; init; }

    /// <summary>The properties and their values apart.</summary>
    public IReadOnlyDictionary<string, string> PropertyPairs => PropertyValues ?? [];

    /// <summary>True if all are meant.</summary>
    public bool IsAll => Pairs.All(x => string.IsNullOrEmpty(x.Value));

    public static LetterQuery Read(Asked asked)
    {
        var header = asked.Text("header", 2 * MaxText);
        var properties = asked.All("property", MaxProperties, 2 * MaxText);
        return new LetterQuery
        {
            Exception = asked.Text("exception", MaxText),
            Message = asked.Text("message", MaxText),
            Type = asked.Text("type", MaxText),
            Older = asked.Text("older", MaxText),
            OlderThan = asked.Duration("older"),
            Younger = asked.Text("younger", MaxText),
            YoungerThan = asked.Duration("younger"),
            Header = header,
            HeaderValues = header is null ? null : PairsOf("header", [header]),
            Group = asked.Text("group", 20),
            Properties = properties,
            PropertyValues = properties.Count == 0 ? null : PairsOf("property", properties),
            Text = asked.Text("text", MaxText),
        };
    }

    /// <summary>The filter; <c>null</c>: all.</summary>
    /// <param name="predicate">What else holds of them: in a dead-letter queue that several queues share, that the user sees them.</param>
    public RedisDeadLetterFilter? ToFilter(Func<RedisDeadLetter, bool>? predicate) => IsAll && predicate is null ? null : new()
    {
        ExceptionType = Exception,
        FaultMessage = Message,
        MessageType = Type,
        OlderThan = OlderThan,
        YoungerThan = YoungerThan,
        Headers = HeaderValues,
        Properties = PropertyValues,
        Group = Group,
        Text = Text,
        Predicate = predicate,
    };

    /// <summary>Which are meant, for an operation, which holds no code: it is for who sees the whole queue.</summary>
    public RedisSelection ToSelection() => ToFilter(null) is { } filter ? RedisSelection.Where(filter) : RedisSelection.All;

    /// <summary>The parts of the address.</summary>
    public (string Name, string? Value)[] Pairs =>
    [
        ("exception", Exception), ("message", Message), ("type", Type), ("older", Older), ("younger", Younger), ("header", Header),
        ("group", Group), ("text", Text), .. Properties.Select(x => ("property", (string?)x)),
    ];

    /// <summary>The same with another value of a property, or of one more.</summary>
    public LetterQuery With(string property, string value) => this with
    {
        Properties = [.. Properties.Where(x => !NameOf(x).Equals(property, StringComparison.OrdinalIgnoreCase)), $"{property}={value}"],
    };

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
                Properties.Count == 0 ? null : $"property {string.Join(" and ", Properties)}",
                Text is null ? null : $"contains \"{Text}\"",
            }.OfType<string>(),
        ];
        return parts.Length == 0 ? "all" : string.Join(", ", parts);
    }

    static Dictionary<string, string> PairsOf(string name, IReadOnlyList<string> texts)
    {
        var pairs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var text in texts)
        {
            if (NameOf(text) is not { Length: > 0 } key)
                throw new BadQueryException($"'{name}' is written as name=value.");
            if (!pairs.TryAdd(key, text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim()))
                throw new BadQueryException($"'{name}' gives {key} two values: no message has both.");
        }

        return pairs;
    }

    static string NameOf(string pair) => pair.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals ? pair[..equals].Trim() : "";
}
