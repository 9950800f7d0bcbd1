using MassTransit.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks;

/// <summary>A processor on one bus. It holds what its consumers of webhooks and of bundles share.</summary>
internal sealed class BusProcessor<TBus, TProcessor> : IAsyncDisposable
    where TBus : class, IBus
    where TProcessor : class, IWebhookProcessor
{
    readonly IDisposable _following;

    public BusProcessor(Bind<TBus, WebhookProcessorOptions<TProcessor>> options, Bind<TBus, IWebhookTransport> transport,
        Bind<TBus, IQueueControl> control, Bind<TBus, SharedQueues> sharedQueues, IServiceScopeFactory scopes,
        WebhookStatistics statistics, TimeProvider? time = null, ILogger<WebhookBatcher<TProcessor>>? logger = null)
    {
        Options = options.Value;
        Options.GivesBack = !sharedQueues.Value.IsShared(Options.QueueName);
        Transport = transport.Value;
        Control = control.Value;
        Batcher = new WebhookBatcher<TProcessor>(scopes, Options, statistics, time, logger);
        _following = Control.Follow(Options.QueueName, Batcher.Obey);
    }

    public WebhookProcessorOptions<TProcessor> Options { get; }

    public IWebhookTransport Transport { get; }

    public IQueueControl Control { get; }

    public WebhookBatcher<TProcessor> Batcher { get; }

    /// <summary>The results of bundles that went back to the queue.</summary>
    public BundleMemory Returned { get; } = new();

    public ValueTask DisposeAsync()
    {
        _following.Dispose();
        return Batcher.DisposeAsync();
    }
}
