using MassTransit.Webhooks;

namespace MassTransit;

/// <summary>Configures one processor.</summary>
public interface IWebhookProcessorConfigurator
{
    /// <summary>
    /// How many batches are processed at a time. Default: 10; 1 to 10,000. Too low: the processor waits for its backends most of the time.
    /// Too high: it overloads them. <see cref="AutoScale"/> finds the number by itself.
    /// </summary>
    int Workers { set; }

    /// <summary>
    /// How many workers an operator may set for this process while it runs (<c>IRedisQueues.SetWorkersAsync</c>; on RabbitMQ there is no
    /// such thing). Default: <c>null</c>, four times the configured number, or <see cref="AutoScale"/>'s maximum; 1 to 10,000. Too low: an
    /// operator cannot help against a backlog. Too high: one that errs overloads the backends.
    /// </summary>
    int? WorkerCeiling { set; }

    /// <summary>
    /// How many webhooks a batch has at most. Default: 100; 1 to 1,000. Larger: fewer calls of a bulk processor, but more webhooks to
    /// repeat after a crash.
    /// </summary>
    int BatchSize { set; }

    /// <summary>
    /// How long a batch that is not full waits for further webhooks. Default: 5 ms; 0 to 10 seconds. A single webhook in an empty queue
    /// waits this long, plus up to 4 ms for the precision of timers (16 ms on Windows). 0: no batch waits while a worker is free, and a
    /// batch holds what has arrived while all workers were busy. This gives the lowest latency, and smaller batches under low load.
    /// </summary>
    TimeSpan BatchTimeLimit { set; }

    /// <summary>The name of the queue. Default: the processor's name in kebab case (<c>OrderHooks</c>: <c>order-hooks</c>).</summary>
    string QueueName { set; }

    /// <summary>
    /// How often the default retry repeats a failed webhook in memory. Its delays grow exponentially from 100 ms to 5 s with jitter.
    /// Default: 3. <see cref="Retry"/> replaces the default retry.
    /// </summary>
    int MaxRetries { set; }

    /// <summary>
    /// How often a processor may ask for a later attempt (<see cref="WebhookResult.Retry"/> with a time) before the webhook is
    /// dead-lettered. Redeliveries of <see cref="Redelivery"/> count too. Default: 20; 0 to 100,000.
    /// </summary>
    int MaxRedeliveries { set; }

    /// <summary>Takes only webhooks of these receivers and skips others. Default: all.</summary>
    /// <param name="receivers">Names of receivers.</param>
    void Receivers(params string[] receivers);

    /// <summary>Takes only webhooks of these event types. Default: all.</summary>
    /// <param name="eventTypes">Event types, as the sender writes them.</param>
    void EventTypes(params string[] eventTypes);

    /// <summary>Takes only webhooks for which the predicate is true. Default: all.</summary>
    /// <param name="predicate">The predicate. It must be quick and must not throw.</param>
    void Where(Func<Webhook, bool> predicate);

    /// <summary>
    /// Adjusts the number of workers between two limits: up while batches wait and more workers bring more throughput, down when workers
    /// are idle.
    /// </summary>
    /// <param name="min">The lowest number.</param>
    /// <param name="max">The highest number.</param>
    void AutoScale(int min, int max);

    /// <summary>Sets when a failed webhook is retried in memory while its lease is held. Use short delays, of seconds.</summary>
    /// <param name="configure">MassTransit's retry configuration.</param>
    void Retry(Action<IRetryConfigurator> configure);

    /// <summary>
    /// Sets when a webhook whose retries have failed is redelivered by the transport's delay. Use long delays, of minutes or hours.
    /// Default: after 10 s, 1 min and 10 min. After the last one it is dead-lettered.
    /// </summary>
    /// <param name="configure">MassTransit's redelivery configuration.</param>
    void Redelivery(Action<IRedeliveryConfigurator> configure);
}
