using MassTransit.DependencyInjection;
using MassTransit.Middleware;
using MassTransit.Middleware.InMemoryOutbox;
using MassTransit.Webhooks.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks;

/// <summary>
/// Hands all webhooks of a bundle to the processor's batches at once. Webhooks that succeed are settled with the bundle. In the same step
/// each other webhook becomes a message of its own, and its attempt in the bundle counts as the first attempt.
/// </summary>
internal sealed class WebhookBundleConsumer<TBus, TProcessor>(
    BusProcessor<TBus, TProcessor> processor, Bind<TBus, WebhookOptions> webhookOptions, Bind<TBus, SharedQueues> sharedQueues,
    Bind<TBus, IBundleConsuming> bundles,
    ILogger<WebhookBundleConsumer<TBus, TProcessor>>? logger = null)
    : IConsumer<WebhookBundle>
    where TBus : class, IBus
    where TProcessor : class, IWebhookProcessor
{
    readonly WebhookBatcher<TProcessor> _batcher = processor.Batcher;
    readonly WebhookProcessorOptions<TProcessor> _options = processor.Options;
    readonly BundleMemory _memory = processor.Returned;
    readonly IQueueControl _control = processor.Control;
    readonly IBundleConsuming _transport = bundles.Value;

    public async Task Consume(ConsumeContext<WebhookBundle> context)
    {
        // The bundle is read before anything that may be interrupted, so that a bundle that cannot be read is dead-lettered like any other
        // message.
        var webhooks = Unpack(context);
        var results = _memory.Take(context.MessageId, webhooks.Length);
        var isTried = false;
        try
        {
            if (results is null)
            {
                results = new WebhookResult?[webhooks.Length];
                isTried = !MustBeSplit(context, webhooks.Length);
                if (isTried && !await ProcessAsync(context, webhooks, results).ConfigureAwait(false))
                {
                    _control.GiveBack(context);
                    return;
                }
            }

            var rest = FindUnfinished(results);
            if (rest.Count > 0)
            {
                // Reads the webhooks again, because the processor may have changed them.
                if (isTried)
                    webhooks = Unpack(context);
                await _transport.SplitAsync(context, [.. rest.Select(x => new BundlePart(webhooks[x], results[x]))]).ConfigureAwait(false);
            }
            else if (context.CancellationToken.IsCancellationRequested)
            {
                // The acknowledgement comes too late, so the bundle will be delivered again.
                KeepResults(context, results);
            }
        }
        catch (Exception exception)
        {
            KeepResults(context, results);
            _transport.Return(context);
            if (logger is not null)
                LogMessages.BundleReturned(logger, _options.QueueName, context.MessageId, webhooks.Length, exception);
        }
    }

    Webhook[] Unpack(ConsumeContext<WebhookBundle> context)
    {
        try
        {
            var webhooks = WebhookPacker.Unpack(context.Message.Webhooks, context.Message.Count);
            WebhookIdentities.Unpack(context.Message.Identities, webhooks);
            // A tool that moves a bundle may lose the message count, so a lower count is accepted. A higher count means that webhooks are
            // missing.
            return _transport.GetMessageCount(context) <= webhooks.Length
                ? webhooks
                : throw PackedReader.Damaged($"it holds {webhooks.Length} webhooks, and was sent as {_transport.GetMessageCount(context)}");
        }
        catch (FormatException exception)
        {
            throw new BundleDamagedException(exception.Message, exception);
        }
    }

    /// <summary>
    /// Whether a bundle must be split before it is processed: because it is delivered again (a webhook that kills its process must do so
    /// alone), because it is larger than what this processor can take at once (other processes can take the rest), because other
    /// consumers of the queue must see each webhook, or because of an outbox. An outbox sends or commits after the bundle is settled: if
    /// that fails, what was processed would be lost with what it has written and sent. If bundling is off, every bundle is split.
    /// </summary>
    bool MustBeSplit(ConsumeContext context, int count) =>
        _transport.WasDelivered(context) || context.GetRedeliveryCount() > 0 || count > _batcher.Capacity || !webhookOptions.Value.Bundling
        || sharedQueues.Value.Contains(_options.QueueName) || context.TryGetPayload<OutboxConsumeContext>(out _)
        // The consumer of a batch sends by the messages' contexts and so through an in-memory outbox. A processor has its own scope and
        // does not.
        || (SendsByContext && context.TryGetPayload<OutboxContext>(out _));

    /// <summary>
    /// Returns false if no worker has begun any webhook, because the queue is paused. The bundle goes back as it is then.
    /// </summary>
    async Task<bool> ProcessAsync(ConsumeContext context, Webhook[] webhooks, WebhookResult?[] results)
    {
        var wanted = new List<Webhook>(webhooks.Length);
        var indexes = new List<int>(webhooks.Length);
        for (var i = 0; i < webhooks.Length; i++)
        {
            try
            {
                if (_options.IsWanted(webhooks[i]))
                {
                    wanted.Add(webhooks[i]);
                    indexes.Add(i);
                }
                else
                {
                    results[i] = PassedOver;
                }
            }
            catch (Exception)
            {
                // The filter has failed, not the bundle. The webhook becomes a message of its own, and is retried and dead-lettered by the
                // filter's exception.
            }
        }

        if (wanted.Count == 0)
            return true;

        var processed = await _batcher.ProcessAsync(context, wanted).ConfigureAwait(false);
        if (Array.TrueForAll(processed, static x => ReferenceEquals(x, BatchItem.NotBegun)))
            return false;

        var isOver = context.CancellationToken.IsCancellationRequested;
        for (var i = 0; i < processed.Length; i++)
        {
            if (ReferenceEquals(processed[i], BatchItem.NotBegun))
                continue;

            // A webhook that was cancelled because the delivery ended has not failed.
            if (!isOver || processed[i] is not { Status: WebhookStatus.Retry, Exception: OperationCanceledException })
                results[indexes[i]] = processed[i];
        }

        return true;
    }

    /// <summary>Finds the webhooks that are not done. They become messages of their own.</summary>
    static List<int> FindUnfinished(WebhookResult?[] results)
    {
        var rest = new List<int>();
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i] is null or { Status: WebhookStatus.Retry or WebhookStatus.Failed })
                rest.Add(i);
        }

        return rest;
    }

    void KeepResults(ConsumeContext context, WebhookResult?[]? results)
    {
        if (results is not null)
            _memory.Keep(context.MessageId, results);
    }

    static readonly bool SendsByContext = typeof(TProcessor).IsConstructedGenericType
        && typeof(TProcessor).GetGenericTypeDefinition() == typeof(BatchConsumerProcessor<>);

    static readonly WebhookResult PassedOver = WebhookResult.Discard("The processor does not take it.");
}

/// <summary>Configures the consumer of bundles on the processor's endpoint, which single webhooks use too.</summary>
internal sealed class WebhookBundleConsumerDefinition<TBus, TProcessor> : ConsumerDefinition<WebhookBundleConsumer<TBus, TProcessor>>
    where TBus : class, IBus
    where TProcessor : class, IWebhookProcessor
{
    readonly IBundleConsuming _transport;

    public WebhookBundleConsumerDefinition(Bind<TBus, WebhookProcessorOptions<TProcessor>> options, Bind<TBus, IBundleConsuming> transport)
    {
        _transport = transport.Value;
        EndpointName = options.Value.QueueName;
        ConcurrentMessageLimit = options.Value.LargestWindow;
    }

    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<WebhookBundleConsumer<TBus, TProcessor>> consumerConfigurator, IRegistrationContext context) =>
        consumerConfigurator.Message<WebhookBundle>(x => x.UseFilter(new ReturnFilter<WebhookBundle>(_transport.IsReturned)));
}
