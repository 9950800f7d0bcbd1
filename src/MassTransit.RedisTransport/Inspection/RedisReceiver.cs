namespace MassTransit;

/// <summary>
/// A receive endpoint in one process, as it says of itself every ten seconds. Names come from the processes: show them as text. Endpoints
/// whose queues delete themselves, and versions of the transport before this feature, are not among them.
/// </summary>
public sealed class RedisReceiver
{
    internal RedisReceiver()
    {
    }

    /// <summary>Its id, 12 hex digits. The lease tokens of the messages that it holds begin with it.</summary>
    public required string InstanceId { get; init; }

    /// <summary>The queue that it receives from.</summary>
    public required string Queue { get; init; }

    /// <summary>
    /// False if nothing was heard of it for 30 seconds: the process has crashed, is frozen, or is cut off from Redis. After 10 minutes it
    /// is forgotten. One that was stopped is gone at once.
    /// </summary>
    public bool IsAlive { get; init; }

    /// <summary>How long ago it was last heard of, by the server's clock.</summary>
    public TimeSpan Silence { get; init; }

    /// <summary>When it was last heard of, by the server's clock.</summary>
    public DateTimeOffset LastBeat { get; init; }

    /// <summary>When it began to receive, by the server's clock.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The name of the machine or container.</summary>
    public string Host { get; init; } = "";

    /// <summary>The pod (<c>POD_NAME</c>); <c>null</c> if that is not set.</summary>
    public string? Pod { get; init; }

    /// <summary>The name of the process's program.</summary>
    public string ProcessName { get; init; } = "";

    /// <summary>The id of the process on its machine.</summary>
    public int ProcessId { get; init; }

    /// <summary>The version of the transport.</summary>
    public string Version { get; init; } = "";

    /// <summary>
    /// What it understands of what operators set: 1 obeys pause, limit, rate and workers; 0 has not said anything that can be read.
    /// </summary>
    public int Protocol { get; init; }

    /// <summary>The version of the queue's control (<see cref="RedisQueueControl.Version"/>) that it obeys.</summary>
    public long ControlVersion { get; init; }

    /// <summary>How many messages it may hold.</summary>
    public int Prefetch { get; init; }

    /// <summary>How many messages it holds: waiting in its memory, at work, or being acknowledged.</summary>
    public int Held { get; init; }

    /// <summary>How many workers of its processor, or how many consumers, are at work.</summary>
    public int ActiveWorkers { get; init; }

    /// <summary>How many workers, or consumers, there may be now.</summary>
    public int WorkerLimit { get; init; }

    /// <summary>How many its code asks for; with automatic scaling the largest number.</summary>
    public int ConfiguredWorkers { get; init; }

    /// <summary>How many batches wait for a worker; <c>null</c> if there is no processor of webhooks on the endpoint.</summary>
    public int? WaitingBatches { get; init; }

    /// <summary>Messages that it got per second, over its last ten seconds.</summary>
    public double InRate { get; init; }

    /// <summary>Messages that it has consumed per second, over its last ten seconds.</summary>
    public double OutRate { get; init; }

    /// <summary>
    /// The median time from received to processed; <c>null</c> if there is no processor, or nothing was processed lately.
    /// </summary>
    public TimeSpan? MedianLatency { get; init; }

    /// <summary>Its 99th percentile; <c>null</c> like the median.</summary>
    public TimeSpan? Percentile99Latency { get; init; }

    /// <summary>True if it obeys this version of what operators have set.</summary>
    internal bool Obeys(long version) => Protocol >= 1 && ControlVersion >= version;

    /// <summary>The name that people know it by: its pod, otherwise its program and its host, with the process id.</summary>
    public string DisplayName => Pod ?? $"{(ProcessName.Length == 0 ? "a receiver" : ProcessName)} {ProcessId} on "
        + (Host.Length == 0 ? "an unknown host" : Host);
}

/// <summary>
/// The figures of a queue at one minute, by the server's clock. Receivers keep them for a day, whether somebody looks or not. A minute in
/// which no receiver lived is missing; what happened meanwhile is counted in the next one.
/// </summary>
public sealed class RedisQueueMinute
{
    internal RedisQueueMinute()
    {
    }

    /// <summary>The beginning of the minute.</summary>
    public DateTimeOffset Minute { get; init; }

    /// <summary>Messages that were ready for a consumer.</summary>
    public long Ready { get; init; }

    /// <summary>Messages that were delayed.</summary>
    public long Delayed { get; init; }

    /// <summary>Messages that were leased.</summary>
    public long Leased { get; init; }

    /// <summary>Messages in the queue's <c>_error</c> and <c>_skipped</c> queues; those with names of their own are not counted.</summary>
    public long DeadLetters { get; init; }

    /// <summary>How long the next message to be delivered had waited, to the second.</summary>
    public TimeSpan OldestAge { get; init; }

    /// <summary>Messages that came since the minute before.</summary>
    public long Sent { get; init; }

    /// <summary>Messages that were consumed since the minute before.</summary>
    public long Completed { get; init; }

    /// <summary>Messages that were moved out since the minute before, to a dead-letter queue or back.</summary>
    public long Moved { get; init; }

    /// <summary>Messages whose leases ended before their consumers did, since the minute before.</summary>
    public long Reclaimed { get; init; }
}
