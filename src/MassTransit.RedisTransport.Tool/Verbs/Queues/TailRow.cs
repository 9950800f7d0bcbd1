using MassTransit.RedisTransport.Tool.Output;
using MassTransit.RedisTransport.Tool.Verbs.Dead;

namespace MassTransit.RedisTransport.Tool.Verbs.Queues;

/// <summary>
/// A line of <c>mtq tail</c>: the figures of a queue, a new dead letter, or how many of those were not shown. The names in JSON are public.
/// </summary>
sealed record TailRow(string Kind, DateTimeOffset At, string Queue)
{
    public static readonly Shape<TailRow> Shape = new(
        new("at", "AT", x => x.At, x => Values.Utc(x.At, "HH:mm:ss")),
        new("kind", null, x => x.Kind),
        new("queue", "QUEUE", x => x.Queue),
        new("isPaused", "STATE", x => x.Figures?.IsPaused, x => x.Figures is { IsPaused: true } ? "paused" : ""),
        new("inRate", "IN", x => x.InRate, x => Figure("in", x.InRate, "/s")),
        new("outRate", "OUT", x => x.OutRate, x => Figure("out", x.OutRate, "/s")),
        new("ready", "READY", x => x.Figures?.Ready, x => Figure("ready", x.Figures?.Ready)),
        new("delayed", "DELAYED", x => x.Figures?.Delayed, x => Figure("delayed", x.Figures?.Delayed)),
        new("leased", "LEASED", x => x.Figures?.Leased, x => Figure("leased", x.Figures?.Leased)),
        new("deadLetters", "DEAD", x => x.Figures?.DeadLetters, x => Figure("dead", x.Figures?.DeadLetters)),
        new("oldestAgeSeconds", "OLDEST", x => x.Figures?.OldestAge, x => x.Figures is { } queue && queue.OldestAge > TimeSpan.Zero
            ? $"oldest {Durations.Show(queue.OldestAge)}" : ""),
        new("key", "KEY", x => x.Letter?.Letter.Key, x => x.Letter is { } dead ? $"dead {dead.Letter.Key}" : ""),
        new("messageId", null, x => x.Letter?.Letter.MessageId),
        new("originalQueue", null, x => x.Letter?.Letter.OriginalQueue),
        new("reason", "REASON", x => x.Letter?.Letter.Reason),
        new("exceptionType", "EXCEPTION", x => x.Letter?.Letter.ExceptionType, x => DeadRow.Short(x.Letter?.Letter.ExceptionType)),
        new("faultMessage", "MESSAGE", x => x.Letter?.Letter.FaultMessage),
        new("receiver", "RECEIVER", x => x.Letter?.Webhook?.Receiver),
        new("eventType", "EVENT", x => x.Letter?.Webhook?.EventType),
        new("tenant", "TENANT", x => x.Letter?.Webhook?.Tenant),
        new("skipped", "SKIPPED", x => x.Skipped, x => x.Skipped is { } count
            ? $"{count} dead letters more, not shown: mtq dead list {x.Queue}" : ""));

    public RedisQueueInfo? Figures { get; init; }

    public double? InRate { get; init; }

    public double? OutRate { get; init; }

    public DeadRow? Letter { get; init; }

    public long? Skipped { get; init; }

    static string Figure(string name, double? value, string unit = "") => value is null ? "" : $"{name} {Values.Show(value)}{unit}";
}
