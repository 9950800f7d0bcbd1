using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>The settings of a receive endpoint.</summary>
internal sealed class RedisReceiveSettings(string queueName)
{
    /// <summary>
    /// The idle time of temporary queues. It is long enough to survive a failover and a short freeze, and short enough to leave no unused
    /// queues.
    /// </summary>
    public static readonly TimeSpan TemporaryIdle = TimeSpan.FromMinutes(1);

    public string QueueName { get; set; } = queueName;

    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    public int MaxDeliveryCount { get; set; } = 10;

    public TimeSpan? PriorityAging { get; set; }

    public bool PurgeOnStartup { get; set; }

    public TimeSpan? AutoDeleteOnIdle { get; set; }

    public bool DeadLetterExpiredMessages { get; set; }

    /// <summary>The workers of the processors on this endpoint, usually one or none.</summary>
    public List<IWorkerReport> Workers { get; } = [];

    /// <summary>The topics that the queue receives, in the order in which they were added.</summary>
    public List<string> Topics { get; } = [];

    public QueueSettings QueueSettings => new(PriorityAging, AutoDeleteOnIdle);

    /// <summary>The errors, each with the option, its value and the cure.</summary>
    public IEnumerable<(string Option, string Problem)> Problems()
    {
        if (!Keyspace.QueueName.IsValid(QueueName))
            yield return ("QueueName", $"is '{QueueName}': a queue name has {Keyspace.QueueName.Rule}");
        else if (QueueName.Length > Keyspace.QueueName.MaxEndpointLength)
            yield return ("QueueName", $"is {QueueName.Length} characters long: at most {Keyspace.QueueName.MaxEndpointLength} leave "
                + "room for '_error' and '_skipped'");
        foreach (var topic in Topics.Distinct(StringComparer.Ordinal))
        {
            if (RedisEndpointAddress.EntityProblem(topic) is { } problem)
                yield return ("Subscribe", $"a topic {problem}");
        }

        if (LeaseDuration < TimeSpan.FromMilliseconds(100) || LeaseDuration > TimeSpan.FromDays(1))
            yield return ("LeaseDuration", $"is {LeaseDuration}: choose 100 ms to 1 day, above the longest freeze of the process");
        if (MaxDeliveryCount is < 1 or > 1_000_000)
            yield return ("MaxDeliveryCount", $"is {MaxDeliveryCount}: choose 1 to 1,000,000");
        if (PriorityAging is { } aging && (aging < TimeSpan.FromMilliseconds(1) || aging > TimeSpan.FromDays(1)))
            yield return ("PriorityAging", $"is {aging}: choose 1 ms to 1 day, or null for strict priority");
        if (AutoDeleteOnIdle is { } idle && (idle < TimeSpan.FromSeconds(1) || idle > TimeSpan.FromDays(1)))
            yield return ("AutoDeleteOnIdle", $"is {idle}: choose 1 second to 1 day, or null to keep the queue");
    }
}
