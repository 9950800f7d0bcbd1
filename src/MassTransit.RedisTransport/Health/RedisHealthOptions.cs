namespace MassTransit;

/// <summary>When the health checks of the Redis transport complain.</summary>
public sealed class RedisHealthOptions
{
    /// <summary>
    /// Messages that may wait in one queue before it is reported as degraded. Default: 5,000. Delayed messages do not count: they
    /// wait for their time, not for a consumer.
    /// </summary>
    public long MaxReady { get; set; } = 5_000;

    /// <summary>Messages that may lie in the <c>_error</c> and <c>_skipped</c> queues of one queue, together. Default: 100.</summary>
    public long MaxDeadLetters { get; set; } = 100;

    /// <summary>How many replicas each primary must have. Default: 0, none.</summary>
    public int MinReplicas { get; set; }

    /// <summary>Whether a server that keeps nothing on disk is reported as degraded. Default: true.</summary>
    public bool RequirePersistence { get; set; } = true;

    /// <summary>
    /// How long a check waits for Redis. Default: 2 seconds; above 0, up to 1 minute. Keep it below the timeout of the probe that
    /// asks, or the probe never sees what the check has to say.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Queues to look at besides those the bus consumes; for a process that only sends, say. Default: none.</summary>
    public IList<string> Queues { get; } = [];

    /// <exception cref="ConfigurationException">An option is out of its range: named, with its value and the cure.</exception>
    internal void Validate()
    {
        Require(MaxReady >= 0, nameof(MaxReady), MaxReady, "choose 0 or more messages");
        Require(MaxDeadLetters >= 0, nameof(MaxDeadLetters), MaxDeadLetters, "choose 0 or more messages");
        Require(MinReplicas is >= 0 and <= 100, nameof(MinReplicas), MinReplicas, "choose 0 to 100");
        Require(Timeout > TimeSpan.Zero && Timeout <= TimeSpan.FromMinutes(1), nameof(Timeout), Timeout, "choose a time up to 1 minute");
        foreach (var queue in Queues)
            Require(RedisTransport.Keyspace.QueueName.IsValid(queue), nameof(Queues), queue, "use 1 to 255 of the characters A-Z a-z 0-9 - _ . :");
    }

    static void Require(bool valid, string option, object? value, string cure)
    {
        if (!valid)
            throw new ConfigurationException($"{nameof(RedisHealthOptions)}.{option} is {value}: {cure}.");
    }
}
