namespace MassTransit.RedisTransport.Operations;

/// <summary>How often the workers on operations look, and how long a process owns one. Tests shorten it.</summary>
internal sealed record OperationTiming
{
    /// <summary>How long an operation belongs to a process that says nothing more. Then another one takes over.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a process looks for operations that nobody works on.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(2.5);

    /// <summary>How long an operation waits before it looks again whether the target has room.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause between two signs of life of an owner.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often dead letters that are not grouped yet are looked for.</summary>
    public TimeSpan Grouping { get; init; } = TimeSpan.FromMinutes(1);
}
