namespace MassTransit;

/// <summary>A receive endpoint on a Redis queue.</summary>
public interface IRedisReceiveEndpointConfigurator : IReceiveEndpointConfigurator
{
    /// <summary>
    /// How long a received message belongs to its consumer. Renewed while the consumer works, however long that takes. Default:
    /// 30 seconds; 100 ms to 1 day. Too low: a consumer that freezes (garbage collection, a suspended machine) loses its messages
    /// and they are delivered twice; too high: a crashed consumer's messages wait that long.
    /// </summary>
    TimeSpan LeaseDuration { set; }

    /// <summary>
    /// After how many failed deliveries (crashes, lost leases, faults outside the consumer's retries) a message is moved to the
    /// error queue without being run again. Default: 10; 1 to 1,000,000. Too low: restarts of a process count against
    /// innocent messages; too high: a message that kills its process does so that many times.
    /// </summary>
    int MaxDeliveryCount { set; }

    /// <summary>
    /// What one step of priority is worth in head start: with 2 seconds, a message of priority 3 passes those of priority 0 that
    /// are at most 6 seconds older, so that every message gets its turn. <c>null</c>, the default: strict priority, where
    /// urgent messages that never end starve the others. A queue that is already filled takes a new value for new messages only.
    /// </summary>
    TimeSpan? PriorityAging { set; }

    /// <summary>Deletes what waits in the queue before the endpoint starts. Default: false. For tests and development.</summary>
    bool PurgeOnStartup { set; }

    /// <summary>
    /// The queue deletes itself, with what is in it, when no receiver has been seen for this long. Default: <c>null</c>, never;
    /// 1 minute for temporary endpoints; 1 second to 1 day.
    /// </summary>
    TimeSpan? AutoDeleteOnIdle { set; }

    /// <summary>
    /// Moves messages whose time to live is over to the <c>_skipped</c> queue (reason <c>expired</c>). Default: false, they are
    /// dropped, as RabbitMQ does; most of them are requests nobody waits for any more.
    /// </summary>
    bool DeadLetterExpiredMessages { set; }

    /// <summary>Also receives what is sent to this topic.</summary>
    /// <param name="topic">The topic's name, as in <c>topic:name</c>.</param>
    void Subscribe(string topic);

    /// <summary>Also receives published messages of this type. Consumers do so by themselves.</summary>
    /// <typeparam name="T">The message's type.</typeparam>
    void Subscribe<T>()
        where T : class;
}
