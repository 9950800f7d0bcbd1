using System.Collections.Concurrent;

namespace MassTransit;

/// <summary>What <c>AddWebhooks</c> was configured with, for all webhooks of a bus.</summary>
internal sealed class WebhookOptions
{
    public bool RequireSubscriber { get; set; } = true;

    public bool Bundling { get; set; } = true;

    /// <summary>Queues in which others than processors take webhooks.</summary>
    public ConcurrentDictionary<string, bool> SharedQueues { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds to a registration what processors need where webhooks travel in bundles.</summary>
    public List<Action<IBusRegistrationConfigurator>> BundleConsumers { get; } = [];
}
