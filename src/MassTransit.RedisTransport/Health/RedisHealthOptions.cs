namespace MassTransit;

/// <summary>The limits of the health checks of the Redis transport.</summary>
public sealed class RedisHealthOptions
{
    /// <summary>
    /// How many messages may wait in one queue before it is reported as degraded. Default: 5,000. Delayed messages do not count, because
    /// they wait for their time and not for a consumer.
    /// </summary>
    public long MaxReady { get; set; } = 5_000;

    /// <summary>How many messages the <c>_error</c> and <c>_skipped</c> queues of one queue may hold together. Default: 100.</summary>
    public long MaxDeadLetters { get; set; } = 100;

    /// <summary>How many replicas each primary must have. Default: 0.</summary>
    public int MinReplicas { get; set; }

    /// <summary>Whether a server that keeps nothing on disk is reported as degraded. Default: true.</summary>
    public bool RequirePersistence { get; set; } = true;

    /// <summary>
    /// How long a check waits for Redis. Default: 2 seconds; above 0, up to 1 minute. Keep it below the timeout of the probe, or the probe
    /// never gets the result of the check.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Queues to check in addition to those that the bus consumes, for a process that only sends, for example. Default: none.
    /// </summary>
    public IList<string> Queues { get; } = [];

    /// <exception cref="ConfigurationException">
    /// An option is out of its range. The message names the option, its value and the cure.
    /// </exception>
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
