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

    /// <summary>
    /// How long a queue may be paused before that is reported as degraded, so that no pause is forgotten. Default: 1 hour; above 0. Until
    /// then a paused queue is healthy, and <see cref="MaxReady"/> is not judged.
    /// </summary>
    public TimeSpan MaxPause { get; set; } = TimeSpan.FromHours(1);

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
        foreach (var (option, problem) in Problems())
            throw new ConfigurationException($"{nameof(RedisHealthOptions)}.{option} {problem}.");
    }

    IEnumerable<(string Option, string Problem)> Problems()
    {
        if (MaxReady < 0)
            yield return (nameof(MaxReady), $"is {MaxReady}: choose 0 or more messages");
        if (MaxDeadLetters < 0)
            yield return (nameof(MaxDeadLetters), $"is {MaxDeadLetters}: choose 0 or more messages");
        if (MaxPause <= TimeSpan.Zero)
            yield return (nameof(MaxPause), $"is {MaxPause}: choose a time above 0");
        if (MinReplicas is < 0 or > 100)
            yield return (nameof(MinReplicas), $"is {MinReplicas}: choose 0 to 100");
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromMinutes(1))
            yield return (nameof(Timeout), $"is {Timeout}: choose a time up to 1 minute");
        foreach (var queue in Queues.Where(x => !RedisTransport.Keyspace.QueueName.IsValid(x)))
            yield return (nameof(Queues), $"is {queue}: use 1 to 255 of the characters A-Z a-z 0-9 - _ . :");
    }
}
