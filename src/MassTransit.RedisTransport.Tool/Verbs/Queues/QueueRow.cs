using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Queues;

/// <summary>How a queue is shown. The names in JSON are public.</summary>
static class QueueRow
{
    public static readonly Shape<RedisQueueInfo> Shape = new(
        new("name", "NAME", x => x.Name),
        new("isDeadLetterQueue", null, x => x.IsDeadLetterQueue),
        new("isPaused", "STATE", x => x.IsPaused, x => x.IsPaused ? "paused" : x.Limit is { } limit ? $"limit {limit}" : ""),
        new("limit", null, x => x.Limit),
        new("ready", "READY", x => x.Ready),
        new("delayed", "DELAYED", x => x.Delayed),
        new("leased", "LEASED", x => x.Leased),
        new("deadLetters", "DEAD", x => x.DeadLetters),
        new("oldestAgeSeconds", "OLDEST", x => x.OldestAge, x => x.OldestAge > TimeSpan.Zero ? Durations.Show(x.OldestAge) : ""),
        new("receivers", "RECEIVERS", x => x.Receivers),
        new("sent", "SENT", x => x.Sent),
        new("completed", "DONE", x => x.Completed),
        new("moved", null, x => x.Moved),
        new("reclaimed", "RECLAIMED", x => x.Reclaimed),
        new("removed", null, x => x.Removed),
        new("cancelled", null, x => x.Cancelled));
}
