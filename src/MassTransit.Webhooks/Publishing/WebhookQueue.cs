using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks;

/// <summary>
/// Publishes webhooks through the bus, with message ids that are equal for repeats. If the transport can, webhooks that are enqueued
/// together are sent in a bundle. A webhook whose activity is recorded is sent alone, so that its trace is complete.
/// </summary>
internal sealed class WebhookQueue(IBus bus, IWebhookTransport transport, WebhookOptions options, IBundlePublishing? bundles = null,
    ISendLimits? limits = null)
    : IWebhookQueue
{
    /// <summary>
    /// How many webhooks of one call are in flight at a time. It is enough to fill the broker's batches, and bounds the memory.
    /// </summary>
    const int Concurrent = 2_000;

    /// <summary>How many bundles of one call are in flight at a time.</summary>
    const int ConcurrentBundles = 8;

    readonly ConcurrentDictionary<byte, BundleLane> _lanes = new();
    readonly IBundlePublishing? _bundles = options.Bundling ? bundles : null;

    /// <summary>The limits, if the transport has a send timeout. On other transports a publish ends with its token.</summary>
    readonly PublishLimits? _limits = limits is null ? null : new PublishLimits(limits.Timeout, limits.PingAsync, limits.CreateException);

    public Task EnqueueAsync(Webhook webhook, int priority = 0, CancellationToken cancellationToken = default)
    {
        WebhookGuard.Check(webhook);
        var value = Checked(priority);
        if (_bundles is null || IsTraced())
            return WithinAsync(x => PublishAsync(webhook, value, x), cancellationToken);

        var lane = _lanes.TryGetValue(value, out var known)
            ? known
            : _lanes.GetOrAdd(value, static (priority, queue) =>
                new BundleLane((x, cancellation) => queue.PublishTogetherAsync(x, priority, cancellation), queue._limits!), this);
        return lane.EnqueueAsync(webhook, cancellationToken);
    }

    public async Task EnqueueBatchAsync(IEnumerable<Webhook> webhooks, int priority = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(webhooks);
        var value = Checked(priority);
        if (_bundles is null || IsTraced())
        {
            foreach (var chunk in webhooks.Select(WebhookGuard.Check).Chunk(Concurrent))
                await WithinAsync(x => PublishEachAsync(chunk, value, x), cancellationToken).ConfigureAwait(false);
            return;
        }

        var underWay = new Queue<Task>();
        try
        {
            foreach (var bundle in Bundles(webhooks))
            {
                if (underWay.Count >= ConcurrentBundles)
                    await underWay.Dequeue().ConfigureAwait(false);
                underWay.Enqueue(WithinAsync(x => PublishTogetherAsync(bundle, value, x), cancellationToken));
            }
        }
        finally
        {
            await Task.WhenAll(underWay).ConfigureAwait(false);
        }
    }

    public Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken = default) =>
        transport.GetMetricsAsync(cancellationToken);

    static bool IsTraced() => Activity.Current is { Recorded: true };

    static IEnumerable<List<Webhook>> Bundles(IEnumerable<Webhook> webhooks)
    {
        var bundle = new List<Webhook>(WebhookBundle.MaxCount);
        var bytes = 0;
        foreach (var webhook in webhooks)
        {
            var length = WebhookPacker.Measure(WebhookGuard.Check(webhook));
            // A large webhook gains nothing from a bundle, and the others would fail with it.
            if (length >= WebhookBundle.MaxBytes)
            {
                yield return [webhook];
                continue;
            }

            bundle.Add(webhook);
            bytes += length;
            if (bundle.Count < WebhookBundle.MaxCount && bytes < WebhookBundle.MaxBytes)
                continue;

            yield return bundle;
            bundle = new List<Webhook>(WebhookBundle.MaxCount);
            bytes = 0;
        }

        if (bundle.Count > 0)
            yield return bundle;
    }

    Task WithinAsync(Func<CancellationToken, Task> publish, CancellationToken cancellationToken) =>
        _limits is null ? publish(cancellationToken) : _limits.RunAsync(publish, cancellationToken);

    async Task PublishTogetherAsync(IReadOnlyList<Webhook> webhooks, byte priority, CancellationToken cancellationToken)
    {
        if (webhooks.Count == 1 || !await _bundles!.AreBundlesTakenAsync(cancellationToken).ConfigureAwait(false))
        {
            await PublishEachAsync(webhooks, priority, cancellationToken).ConfigureAwait(false);
            return;
        }

        var bundle = new WebhookBundle
        {
            Count = webhooks.Count,
            Webhooks = WebhookPacker.Pack(webhooks),
            Identities = WebhookIdentities.Pack(webhooks)
        };
        await PublishAsync(bundle, context =>
        {
            _bundles.SetMessageCount(context, webhooks.Count);
            if (priority > 0)
                transport.ApplyPriority(context, priority);
        }, cancellationToken).ConfigureAwait(false);
    }

    Task PublishEachAsync(IReadOnlyList<Webhook> webhooks, byte priority, CancellationToken cancellationToken) =>
        webhooks.Count == 1
            ? PublishAsync(webhooks[0], priority, cancellationToken)
            : Task.WhenAll(webhooks.Select(x => PublishAsync(x, priority, cancellationToken)));

    Task PublishAsync(Webhook webhook, byte priority, CancellationToken cancellationToken) => PublishAsync(webhook, context =>
    {
        WebhookMessage.Describe(context, webhook);
        if (priority > 0)
            transport.ApplyPriority(context, priority);
    }, cancellationToken);

    async Task PublishAsync<T>(T message, Action<PublishContext<T>> configure, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            await bus.Publish(message, context =>
            {
                context.Mandatory = options.RequireSubscriber;
                WebhookActivities.OnPublish(context);
                configure(context);
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (transport.IsNotRouted(exception))
        {
            throw new WebhookNotRoutedException(
                "Nobody is subscribed to webhooks, so this one would be lost; it was not accepted. Start the processors once: their queues "
                + "then stay, and take webhooks while they are stopped. Or set RequireSubscriber = false in AddWebhooks, where webhooks "
                + "that nobody wants may be dropped.", exception);
        }
    }

    static byte Checked(int priority)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(priority);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, byte.MaxValue);
        return (byte)priority;
    }
}
