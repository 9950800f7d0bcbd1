using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary>What a verb has done to how many messages.</summary>
sealed record Outcome(string Action, string Queue, long Count)
{
    public static readonly Shape<Outcome> Shape = new(
        new("action", "ACTION", x => x.Action),
        new("queue", "QUEUE", x => x.Queue),
        new("count", "COUNT", x => x.Count));
}
