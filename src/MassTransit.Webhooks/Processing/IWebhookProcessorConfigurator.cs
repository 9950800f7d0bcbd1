using MassTransit.Webhooks;

namespace MassTransit;

/// <summary>Configures one processor.</summary>
public interface IWebhookProcessorConfigurator
{
    /// <summary>
    /// How many batches are processed at a time. Default: 10; 1 to 10,000. Too low: the processor waits for its backends one by one;
    /// too high: it overruns them. <see cref="AutoScale"/> finds it.
    /// </summary>
    int Workers { set; }

    /// <summary>How many webhooks a batch has at most. Default: 100; 1 to 1,000. Larger: fewer calls of a bulk processor, more to repeat after a crash.</summary>
    int BatchSize { set; }

    /// <summary>
    /// How long a batch that is not full waits for company. Default: 5 ms; 0 to 10 seconds. It is the most a single webhook waits
    /// in an empty queue, to the 4 ms that timers are exact to (16 on Windows). 0: nothing waits while a worker is free, and a batch is what has
    /// come while all were busy: the least latency, and smaller batches while there is little to do.
    /// </summary>
    TimeSpan BatchTimeLimit { set; }

    /// <summary>The queue's name. Default: the processor's name in kebab case (<c>OrderHooks</c>: <c>order-hooks</c>).</summary>
    string QueueName { set; }

    /// <summary>
    /// How often a failed webhook is tried again at once, in memory, by the default retry: exponentially from 100 ms to 5 s with
    /// jitter. Default: 3. <see cref="Retry"/> replaces all of it.
    /// </summary>
    int MaxRetries { set; }

    /// <summary>
    /// How often a processor may ask for a later attempt (<see cref="WebhookResult.Retry"/> with a time) before the webhook is
    /// dead-lettered. Default: 20; 0 to 100,000. Redeliveries of <see cref="Redelivery"/> count too.
    /// </summary>
    int MaxRedeliveries { set; }

    /// <summary>Takes only webhooks of these receivers. Default: all. Others are passed over.</summary>
    /// <param name="receivers">Names of receivers.</param>
    void Receivers(params string[] receivers);

    /// <summary>Takes only webhooks of these event types. Default: all.</summary>
    /// <param name="eventTypes">Event types, as the sender has them.</param>
    void EventTypes(params string[] eventTypes);

    /// <summary>Takes only webhooks this is true of. Default: all.</summary>
    /// <param name="predicate">Must be quick and must not throw.</param>
    void Where(Func<Webhook, bool> predicate);

    /// <summary>
    /// Moves the number of workers between two bounds: up while batches wait and more workers bring more throughput, down when
    /// workers are idle.
    /// </summary>
    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    void AutoScale(int min, int max);

    /// <summary>When a failed webhook is tried again at once, in memory, while its lease is held. Short: seconds.</summary>
    /// <param name="configure">MassTransit's retry configuration.</param>
    void Retry(Action<IRetryConfigurator> configure);

    /// <summary>
    /// When a webhook whose retries have failed is redelivered, by the transport's delay. Long: minutes and hours. Default: after 10 s,
    /// 1 min and 10 min; then it is a dead letter.
    /// </summary>
    /// <param name="configure">MassTransit's redelivery configuration.</param>
    void Redelivery(Action<IRedeliveryConfigurator> configure);
}
