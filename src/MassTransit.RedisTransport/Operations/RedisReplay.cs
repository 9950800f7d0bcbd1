namespace MassTransit;

/// <summary>A request to replay dead letters.</summary>
/// <param name="Queue">The dead-letter queue.</param>
/// <param name="Selection">Which dead letters.</param>
public sealed record RedisReplay(string Queue, RedisSelection Selection)
{
    /// <summary>The highest rate.</summary>
    public const int MaxRate = 100_000;

    /// <summary>
    /// Messages per second, 1 to 100,000; <c>null</c>: as fast as possible. Default: 100. Too high: the consumers' dependency, which may
    /// just have recovered, is overrun.
    /// </summary>
    public int? Rate { get; init; } = 100;

    /// <summary>
    /// How many messages are replayed first, alone, 0 to 1,000; 0: none. Default: 10. If they fail again, the operation stops after them.
    /// Not more than that are replayed before <see cref="Look"/> is over.
    /// </summary>
    public int Canary { get; init; } = 10;

    /// <summary>
    /// How long the operation waits after the canary, 0 to 1 hour. Default: 30 seconds. It should be longer than a consumer takes to fail
    /// with all its retries: what fails later is seen by the brake only.
    /// </summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The percentage of replayed messages that are dead again at which the operation stops itself, 1 to 100; <c>null</c>: it never does.
    /// Default: 20.
    /// </summary>
    public int? Brake { get; init; } = 20;

    /// <summary>
    /// How many messages must have been replayed before the brake is judged, 1 to 1,000,000; after the canary it is judged by the canary
    /// alone. Default: 50.
    /// </summary>
    public int BrakeAfter { get; init; } = 50;

    /// <summary>
    /// The operation waits while more ready messages than this wait in the target queue, at least 1; <c>null</c>: it does not wait.
    /// Default: 1,000. Too high: new messages wait behind the replayed ones.
    /// </summary>
    public int? MaxReady { get; init; } = 1_000;

    internal void Validate()
    {
        RedisOperationRange.Require(Rate is null or (>= 1 and <= MaxRate), nameof(Rate), Rate, $"1 to {MaxRate} a second");
        RedisOperationRange.Require(Canary is >= 0 and <= 1_000, nameof(Canary), Canary, "0 to 1000");
        RedisOperationRange.Require(Look >= TimeSpan.Zero && Look <= TimeSpan.FromHours(1), nameof(Look), Look, "0 to 1 hour");
        RedisOperationRange.Require(Brake is null or (>= 1 and <= 100), nameof(Brake), Brake, "1 to 100 percent");
        RedisOperationRange.Require(BrakeAfter is >= 1 and <= 1_000_000, nameof(BrakeAfter), BrakeAfter, "1 to 1000000");
        RedisOperationRange.Require(MaxReady is null or >= 1, nameof(MaxReady), MaxReady, "at least 1");
    }
}

/// <summary>A request to delete dead letters.</summary>
/// <param name="Queue">The dead-letter queue.</param>
/// <param name="Selection">Which dead letters.</param>
public sealed record RedisPurge(string Queue, RedisSelection Selection)
{
    /// <summary>
    /// Keep them in the trash for 24 hours. Default: true. The trash of a queue holds 100,000 records and 256 MB at most, and takes none
    /// while the server uses more than 80 % of its <c>maxmemory</c>; what does not fit is deleted for good
    /// (<see cref="RedisSelectionPreview.Restorable"/> tells before).
    /// </summary>
    public bool ToTrash { get; init; } = true;

    /// <summary>Messages per second, 1 to 100,000. Default: <c>null</c>, as fast as possible.</summary>
    public int? Rate { get; init; }

    internal void Validate() =>
        RedisOperationRange.Require(Rate is null or (>= 1 and <= RedisReplay.MaxRate), nameof(Rate), Rate,
            $"1 to {RedisReplay.MaxRate} a second");
}

static class RedisOperationRange
{
    public static void Require(bool holds, string name, object? value, string range)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {range}.");
    }
}
