using System.Globalization;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>What operators have set for a queue, with its authors.</summary>
/// <param name="ServerTime">The server's clock.</param>
/// <param name="PausedAt">When the pause began; <c>null</c> if the queue is not paused.</param>
/// <param name="PausedUntil">When the pause ends by itself; <c>null</c>: never.</param>
/// <param name="Limit">How many messages may be leased in all processes together; <c>null</c>: any number.</param>
/// <param name="Rate">How many messages may begin in a second; <c>null</c>: any number.</param>
/// <param name="Workers">How many workers a process may have; <c>null</c>: as its code says.</param>
/// <param name="Version">Grows with every change; 0 if nothing was ever set.</param>
/// <param name="ChangedAt">When the last change was made.</param>
internal sealed record ControlState(
    DateTimeOffset ServerTime,
    DateTimeOffset? PausedAt,
    DateTimeOffset? PausedUntil,
    int? Limit,
    int? Rate,
    int? Workers,
    long Version,
    DateTimeOffset? ChangedAt)
{
    public string? PausedBy { get; init; }

    public string? PauseReason { get; init; }

    public string? ChangedBy { get; init; }

    /// <summary>How many messages are leased now.</summary>
    public long Leased { get; init; }

    /// <summary>True if a receiver waits for messages. During a pause only receivers of earlier versions do.</summary>
    public bool IsAwaited { get; init; }
}

/// <summary>One change of what operators set for a queue, in the words of the script.</summary>
internal readonly record struct ControlChange(string What, long Number)
{
    public static readonly ControlChange Resume = new("resume", 0);

    public static readonly ControlChange Reset = new("reset", 0);

    public static ControlChange Pause(TimeSpan? duration) => new("pause",
        duration is { } time ? Math.Max(1, (long)Math.Ceiling(time.TotalMilliseconds)) : 0);

    public static ControlChange Limit(int? limit) => new("limit", limit ?? 0);

    public static ControlChange Rate(int? rate) => new("rate", rate ?? 0);

    public static ControlChange Workers(int? workers) => new("workers", workers ?? 0);

    /// <summary>The new value as operators read it; <c>null</c> if the change has none.</summary>
    public string? Text => (What, Number) switch
    {
        ("pause", 0) => "until it is resumed",
        ("pause", _) => string.Create(CultureInfo.InvariantCulture, $"for {TimeSpan.FromMilliseconds(Number)}"),
        ("limit" or "rate" or "workers", 0) => "as the code says",
        ("limit" or "rate" or "workers", _) => Number.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };
}

/// <summary>Reads and changes what operators have set for a queue, by its keys.</summary>
internal static class QueueControls
{
    enum Code
    {
        DeletesItself = -1,
        NoQueue = 0,
    }

    /// <returns><c>null</c> if there is no such queue.</returns>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer in time.</exception>
    public static Task<ControlState?> ReadAsync(ScriptCaller caller, QueueKeys keys, Deadline deadline,
        CancellationToken cancellationToken) =>
        RunAsync(caller, keys, new ControlChange("read", 0), "", "", deadline, cancellationToken);

    /// <summary>Makes a change, which is repeated without harm if its reply is lost.</summary>
    /// <returns>The state before; <c>null</c> if there is no such queue.</returns>
    /// <exception cref="RedisConflictException">The queue deletes itself.</exception>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer in time.</exception>
    public static async Task<ControlState?> RunAsync(ScriptCaller caller, QueueKeys keys, ControlChange change, string who, string why,
        Deadline deadline, CancellationToken cancellationToken)
    {
        var reply = await caller.RunWithRetryAsync(ScriptCatalog.Control, [.. keys.All, keys.Control],
            [change.What, change.Number, who, why, Guid.NewGuid().ToString("N"), keys.WakeChannelName], deadline, cancellationToken)
            .ConfigureAwait(false);
        var values = (RedisResult[])reply.Result!;
        return (Code)(int)values[0] switch
        {
            Code.NoQueue => null,
            Code.DeletesItself => throw new RedisConflictException(
                "The queue deletes itself when nobody receives from it, so its messages would be lost in a pause, and its settings with "
                + "it. Only queues that last (without AutoDeleteOnIdle) can be paused, limited or given workers."),
            _ => Read(values),
        };
    }

    static ControlState Read(RedisResult[] values) => new(MessageKey.TimeOf((long)values[1]), Time(values[2]),
        Time(values[3]), Number(values[4]), Number(values[5]), Number(values[6]), (long)values[7], Time(values[8]))
    {
        PausedBy = Text(values[9]),
        PauseReason = Text(values[10]),
        ChangedBy = Text(values[11]),
        Leased = (long)values[12],
        IsAwaited = (int)values[13] == 1,
    };

    static DateTimeOffset? Time(RedisResult value) =>
        (long)value is > 0 and var time ? MessageKey.TimeOf(time) : null;

    static int? Number(RedisResult value) => (int)value is > 0 and var number ? number : null;

    static string? Text(RedisResult value) => (string?)value is { Length: > 0 } text ? text : null;
}
