using MassTransit.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks;

/// <summary>A processor on one bus. It holds what its consumers of webhooks and of bundles share.</summary>
internal sealed class BusProcessor<TBus, TProcessor>(
    Bind<TBus, WebhookProcessorOptions<TProcessor>> options, Bind<TBus, IWebhookTransport> transport, IServiceScopeFactory scopes,
    WebhookStatistics statistics,
    TimeProvider? time = null, ILogger<WebhookBatcher<TProcessor>>? logger = null) : IAsyncDisposable
    where TBus : class, IBus
    where TProcessor : class, IWebhookProcessor
{
    public WebhookProcessorOptions<TProcessor> Options { get; } = options.Value;

    public IWebhookTransport Transport { get; } = transport.Value;

    public WebhookBatcher<TProcessor> Batcher { get; } = new(scopes, options.Value, statistics, time, logger);

    /// <summary>The results of bundles that went back to the queue.</summary>
    public BundleMemory Returned { get; } = new();

    public ValueTask DisposeAsync() => Batcher.DisposeAsync();
}
