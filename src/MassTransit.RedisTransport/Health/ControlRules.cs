using System.Globalization;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.Health;

/// <summary>
/// What is to be known of what operators have set: pauses that last, receivers that do not obey, values that differ from the code. The
/// health check and the findings for operators share the rule about pauses.
/// </summary>
internal static class ControlRules
{
    /// <summary>From when on a pause is told of.</summary>
    static readonly TimeSpan LongPause = TimeSpan.FromMinutes(15);

    /// <summary>How long a receiver may take to obey: it says so with its next beat at the latest.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    public static IEnumerable<RedisFinding> Judge(QueueState queue, RedisHealthOptions options)
    {
        if (queue.Control is not { } control)
            yield break;

        if (Pause(queue.Queue, control, options) is { } pause
            && (pause.Severity > RedisFindingSeverity.Note || control.ServerTime - control.PausedAt > LongPause))
            yield return pause;

        RedisReceiver[] alive = [.. (queue.Receivers ?? []).Where(x => x.IsAlive)];
        RedisReceiver[] others = [.. alive.Where(x => !x.Obeys(control.Version))];
        if (others.Length > 0 && control.ServerTime - control.ChangedAt > Grace)
            yield return Disobeys(queue.Queue, control, others, alive.Length);
        if (Overrides(control, alive) is { Length: > 0 } overrides)
            yield return Overridden(queue.Queue, control, overrides);
    }

    /// <summary>The finding about a pause: a note until it has lasted for too long; <c>null</c> if the queue is not paused.</summary>
    public static RedisFinding? Pause(string queue, ControlState control, RedisHealthOptions options)
    {
        if (control.PausedAt is not { } since)
            return null;

        var isLong = control.ServerTime - since > options.MaxPause;
        var until = control.PausedUntil is { } end ? string.Create(CultureInfo.InvariantCulture, $" until {end:yyyy-MM-dd HH:mm} UTC") : "";
        var reason = OneLine.Of(control.PauseReason) is { Length: > 0 } why ? $": {why}" : "";
        var limit = isLong ? string.Create(CultureInfo.InvariantCulture, $" (longer than {options.MaxPause.TotalMinutes:0.#} min)") : "";
        return new RedisFinding
        {
            Id = RedisFindingIds.QueuePaused,
            Severity = isLong ? RedisFindingSeverity.Degraded : RedisFindingSeverity.Note,
            Queue = queue,
            Sentence = string.Create(CultureInfo.InvariantCulture,
                $"{queue}: paused by {OneLine.Of(control.PausedBy)} since {since:yyyy-MM-dd HH:mm} UTC{until}{reason}{limit}."),
            Since = since,
            Cure = "Resume it (IRedisQueues.ResumeAsync), or raise MaxPause.",
            Command = $"mtq queue resume {queue}",
        };
    }

    static RedisFinding Disobeys(string queue, ControlState control, RedisReceiver[] others, int alive) => new()
    {
        Id = RedisFindingIds.ReceiverDisobeys,
        Severity = RedisFindingSeverity.Degraded,
        Queue = queue,
        Sentence = string.Create(CultureInfo.InvariantCulture,
            $"{queue}: {others.Length:N0} of {alive:N0} receivers do not obey what {By(control)} has set: ")
            + string.Join(", ", others.Take(3).Select(x => $"{OneLine.Of(x.DisplayName)} ({OneLine.Of(x.Version)})"))
            + (others.Length > 3 ? string.Create(CultureInfo.InvariantCulture, $" and {others.Length - 3:N0} others.") : "."),
        Since = control.ChangedAt,
        Cure = "It goes on as before. Stop that process, or deploy this version there; if it has this version, it is frozen or cut off.",
        Command = $"mtq workers {queue}",
    };

    static RedisFinding Overridden(string queue, ControlState control, string overrides) => new()
    {
        Id = RedisFindingIds.QueueOverridden,
        Severity = RedisFindingSeverity.Note,
        Queue = queue,
        Sentence = $"{queue}: {By(control)} has set {overrides}.",
        Since = control.ChangedAt,
        Cure = "A deploy does not change it. Reset it when it is no longer needed (IRedisQueues.ResetControlAsync).",
        Command = $"mtq queue reset {queue}",
    };

    static string Overrides(ControlState control, RedisReceiver[] alive)
    {
        var overrides = new List<string>();
        if (control.Limit is { } limit)
            overrides.Add(string.Create(CultureInfo.InvariantCulture, $"at most {limit:N0} messages at work"));
        if (control.Rate is { } rate)
            overrides.Add(string.Create(CultureInfo.InvariantCulture, $"at most {rate:N0} messages a second"));
        if (control.Workers is { } workers && alive.FirstOrDefault(x => x.ConfiguredWorkers != workers) is { } other)
        {
            overrides.Add(string.Create(CultureInfo.InvariantCulture,
                $"{workers:N0} workers where the code says {other.ConfiguredWorkers:N0}"));
        }

        return string.Join(" and ", overrides);
    }

    static string By(ControlState control) => OneLine.Of(control.ChangedBy) is { Length: > 0 } who ? who : "somebody";
}
