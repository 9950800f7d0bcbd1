namespace OtlpDump.Decoding;

/// <summary>A span as it was exported.</summary>
public sealed record Span
{
    public required string TraceId { get; init; }

    public required string SpanId { get; init; }

    /// <summary>Empty for a root.</summary>
    public string ParentId { get; init; } = "";

    public required string Name { get; init; }

    public SpanKind Kind { get; init; }

    public SpanStatus Status { get; init; }

    public string StatusMessage { get; init; } = "";

    public DateTimeOffset Start { get; init; }

    public DateTimeOffset End { get; init; }

    /// <summary>The name of the source.</summary>
    public required string Scope { get; init; }

    /// <summary>The name of the service.</summary>
    public string Service { get; init; } = "";

    public IReadOnlyDictionary<string, object?> Attributes { get; init; } = new Dictionary<string, object?>();

    public IReadOnlyList<SpanEvent> Events { get; init; } = [];

    public IReadOnlyList<SpanLink> Links { get; init; } = [];

    public int DroppedLinks { get; init; }

    public object? this[string attribute] => Attributes.GetValueOrDefault(attribute);
}

public sealed record SpanEvent(string Name, IReadOnlyDictionary<string, object?> Attributes);

public sealed record SpanLink(string TraceId, string SpanId);

/// <summary>As numbered by OTLP.</summary>
public enum SpanKind
{
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// <summary>As numbered by OTLP.</summary>
public enum SpanStatus
{
    Unset,
    Ok,
    Error,
}
