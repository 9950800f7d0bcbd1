using MassTransit.Webhooks;

namespace MassTransit;

/// <summary>The options of one processor.</summary>
internal sealed class WebhookProcessorOptions<TProcessor>(string queueName) : IWebhookProcessorConfigurator
    where TProcessor : class, IWebhookProcessor
{
    readonly List<Func<Webhook, bool>> _filters = [];
    Action<IRetryConfigurator>? _retry;
    Action<IRedeliveryConfigurator>? _redelivery;

    /// <summary>The name in statistics, metrics and messages.</summary>
    public string Name { get; init; } = typeof(TProcessor).Name;

    public int Workers { get; set; } = 10;

    public int MinWorkers { get; private set; }

    public int MaxWorkers { get; private set; }

    /// <summary>How often <see cref="AutoScaler"/> decides. Tests use a shorter interval.</summary>
    public TimeSpan ScaleInterval { get; set; } = AutoScaler.DefaultInterval;

    public int? WorkerCeiling { get; set; }

    public int BatchSize { get; set; } = 100;

    public TimeSpan BatchTimeLimit { get; set; } = TimeSpan.FromMilliseconds(5);

    public string QueueName { get; set; } = queueName;

    public int MaxRetries { get; set; } = 3;

    public int MaxRedeliveries { get; set; } = 20;

    /// <summary>How many webhooks the endpoint holds at a time: two batches for each worker, within the limit of an endpoint.</summary>
    public int Window => WindowOf(Most);

    /// <summary>
    /// How many webhooks the endpoint holds if operators raise the workers to the ceiling. MassTransit's own limit is made for it.
    /// </summary>
    public int LargestWindow => WindowOf(Ceiling);

    /// <summary>
    /// False if others consume the messages of the queue too. A message that they have begun must not go back because this processor has
    /// not begun it.
    /// </summary>
    public bool GivesBack { get; set; } = true;

    /// <summary>How many workers there are at most as configured.</summary>
    public int Most => MaxWorkers > 0 ? MaxWorkers : Workers;

    int Ceiling => Math.Max(Most, WorkerCeiling ?? Math.Min(10_000, 4 * Most));

    public int WindowOf(int workers) => (int)Math.Min(20_000, (long)workers * BatchSize * 2);

    /// <summary>Between which numbers of workers the processor keeps.</summary>
    /// <param name="workers">What operators have set; <c>null</c>: nothing.</param>
    public (int Min, int Max) WorkersUnder(int? workers)
    {
        var (min, max) = MaxWorkers > 0 ? (MinWorkers, MaxWorkers) : (Workers, Workers);
        if (workers is not { } set)
            return (min, max);

        max = Math.Clamp(set, 1, Ceiling);
        return (MaxWorkers > MinWorkers ? Math.Min(min, max) : max, max);
    }

    public bool IsWanted(Webhook webhook)
    {
        foreach (var filter in _filters)
        {
            if (!filter(webhook))
                return false;
        }

        return true;
    }

    public void Receivers(params string[] receivers)
    {
        var wanted = receivers.ToHashSet(StringComparer.OrdinalIgnoreCase);
        _filters.Add(x => wanted.Contains(x.Receiver));
    }

    public void EventTypes(params string[] eventTypes)
    {
        var wanted = eventTypes.ToHashSet(StringComparer.Ordinal);
        _filters.Add(x => wanted.Contains(x.EventType));
    }

    public void Where(Func<Webhook, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        _filters.Add(predicate);
    }

    public void AutoScale(int min, int max) => (MinWorkers, MaxWorkers) = (min, max);

    public void Retry(Action<IRetryConfigurator> configure) => _retry = configure;

    public void Redelivery(Action<IRedeliveryConfigurator> configure) => _redelivery = configure;

    public void ConfigureRetry(IRetryConfigurator retry)
    {
        if (_retry is not null)
            _retry(retry);
        else if (MaxRetries > 0)
            retry.Exponential(MaxRetries, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(100));
        else
            retry.None();
    }

    public void ConfigureRedelivery(IRedeliveryConfigurator redelivery)
    {
        if (_redelivery is not null)
            _redelivery(redelivery);
        else
            redelivery.Intervals(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10));
    }

    /// <summary>The errors, each with the option, its value and the cure.</summary>
    public IEnumerable<(string Option, string Problem)> Problems()
    {
        if (Workers is < 1 or > 10_000)
            yield return (nameof(Workers), $"is {Workers}: choose 1 to 10,000");
        if (WorkerCeiling is < 1 or > 10_000)
            yield return (nameof(WorkerCeiling), $"is {WorkerCeiling}: choose 1 to 10,000, or null for four times the workers");
        if (BatchSize is < 1 or > 1_000)
            yield return (nameof(BatchSize), $"is {BatchSize}: choose 1 to 1,000");
        if (BatchTimeLimit < TimeSpan.Zero || BatchTimeLimit > TimeSpan.FromSeconds(10))
            yield return (nameof(BatchTimeLimit), $"is {BatchTimeLimit}: choose 0 to 10 seconds");
        if (MaxRetries is < 0 or > 1_000)
            yield return (nameof(MaxRetries), $"is {MaxRetries}: choose 0 to 1,000");
        if (MaxRedeliveries is < 0 or > 100_000)
            yield return (nameof(MaxRedeliveries), $"is {MaxRedeliveries}: choose 0 to 100,000");
        if (string.IsNullOrWhiteSpace(QueueName))
            yield return (nameof(QueueName), $"is '{QueueName}': give the queue a name");
        if ((MinWorkers, MaxWorkers) != (0, 0) && (MinWorkers < 1 || MaxWorkers < MinWorkers || MaxWorkers > 10_000))
            yield return (nameof(AutoScale), $"is {MinWorkers} to {MaxWorkers}: choose 1 <= min <= max <= 10,000");
    }
}
