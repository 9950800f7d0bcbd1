using MassTransit.Webhooks;

namespace MassTransit;

/// <summary>What one processor was configured with.</summary>
internal sealed class WebhookProcessorOptions<TProcessor>(string queueName) : IWebhookProcessorConfigurator
    where TProcessor : class, IWebhookProcessor
{
    readonly List<Func<Webhook, bool>> _filters = [];
    Action<IRetryConfigurator>? _retry;
    Action<IRedeliveryConfigurator>? _redelivery;

    /// <summary>In statistics, metrics and messages.</summary>
    public string Name { get; init; } = typeof(TProcessor).Name;

    public int Workers { get; set; } = 10;

    public int MinWorkers { get; private set; }

    public int MaxWorkers { get; private set; }

    /// <summary>How often <see cref="AutoScaler"/> decides; tests are in a hurry.</summary>
    public TimeSpan ScaleInterval { get; set; } = AutoScaler.DefaultInterval;

    public int BatchSize { get; set; } = 100;

    public TimeSpan BatchTimeLimit { get; set; } = TimeSpan.FromMilliseconds(5);

    public string QueueName { get; set; } = queueName;

    public int MaxRetries { get; set; } = 3;

    public int MaxRedeliveries { get; set; } = 20;

    /// <summary>Enough for every worker's batch and one more each, within what an endpoint may hold.</summary>
    public int Window => Math.Min(20_000, Math.Max(Workers, MaxWorkers) * BatchSize * 2);

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

    /// <exception cref="ConfigurationException">An option is out of its range: named, with its value and the cure.</exception>
    public void Validate()
    {
        Require(Workers is >= 1 and <= 10_000, nameof(Workers), Workers, "choose 1 to 10,000");
        Require(BatchSize is >= 1 and <= 1_000, nameof(BatchSize), BatchSize, "choose 1 to 1,000");
        Require(BatchTimeLimit >= TimeSpan.Zero && BatchTimeLimit <= TimeSpan.FromSeconds(10), nameof(BatchTimeLimit), BatchTimeLimit, "choose 0 to 10 seconds");
        Require(MaxRetries is >= 0 and <= 1_000, nameof(MaxRetries), MaxRetries, "choose 0 to 1,000");
        Require(MaxRedeliveries is >= 0 and <= 100_000, nameof(MaxRedeliveries), MaxRedeliveries, "choose 0 to 100,000");
        Require(!string.IsNullOrWhiteSpace(QueueName), nameof(QueueName), QueueName, "give the queue a name");
        Require((MinWorkers == 0 && MaxWorkers == 0) || (MinWorkers >= 1 && MaxWorkers >= MinWorkers && MaxWorkers <= 10_000), nameof(AutoScale),
            $"{MinWorkers} to {MaxWorkers}", "choose 1 <= min <= max <= 10,000");
    }

    void Require(bool valid, string option, object? value, string cure)
    {
        if (!valid)
            throw new ConfigurationException($"{option} of the webhook processor {Name} is {value}: {cure}.");
    }
}
