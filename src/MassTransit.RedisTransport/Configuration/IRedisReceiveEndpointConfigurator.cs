namespace MassTransit;

/// <summary>Configures a receive endpoint on a Redis queue.</summary>
public interface IRedisReceiveEndpointConfigurator : IReceiveEndpointConfigurator
{
    /// <summary>
    /// How long a received message is leased to its consumer. The lease is renewed while the consumer works, however long that takes.
    /// Default: 30 seconds; 100 ms to 1 day. Too low: a consumer that freezes (garbage collection, a suspended machine) loses its messages,
    /// and they are delivered twice. Too high: the messages of a crashed consumer wait that long.
    /// </summary>
    TimeSpan LeaseDuration { set; }

    /// <summary>
    /// The number of failed deliveries (crashes, lost leases, faults outside the consumer's retries) after which a message is moved to the
    /// error queue without another run. Default: 10; 1 to 1,000,000. Too low: restarts of a process move good messages to the error queue.
    /// Too high: a message that crashes its process does so that many times.
    /// </summary>
    int MaxDeliveryCount { set; }

    /// <summary>
    /// The head start that one step of priority gives. With 2 seconds a message of priority 3 passes messages of priority 0 that are at
    /// most 6 seconds older, so that every message gets its turn. Default: <c>null</c>, strict priority, with which a continuous flow of
    /// urgent messages starves the others. If the queue already has messages, a new value applies to new messages only.
    /// </summary>
    TimeSpan? PriorityAging { set; }

    /// <summary>
    /// Whether the waiting messages of the queue are deleted before the endpoint starts. Default: false. For tests and development.
    /// </summary>
    bool PurgeOnStartup { set; }

    /// <summary>
    /// The time without a receiver after which the queue deletes itself with all its messages. Default: <c>null</c>, never; 1 minute for
    /// temporary endpoints; 1 second to 1 day.
    /// </summary>
    TimeSpan? AutoDeleteOnIdle { set; }

    /// <summary>
    /// Whether messages whose time to live is over are moved to the <c>_skipped</c> queue (reason <c>expired</c>). Default: false, they are
    /// dropped, as on RabbitMQ, because most of them are requests that nobody waits for any more.
    /// </summary>
    bool DeadLetterExpiredMessages { set; }

    /// <summary>Also receives messages that are sent to this topic.</summary>
    /// <param name="topic">The topic's name, as in <c>topic:name</c>.</param>
    void Subscribe(string topic);

    /// <summary>Also receives published messages of this type. It is not needed for messages of consumers.</summary>
    /// <typeparam name="T">The message's type.</typeparam>
    void Subscribe<T>()
        where T : class;
}
