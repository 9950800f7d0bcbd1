namespace MassTransit.Webhooks;

/// <summary>
/// Hands all webhooks of a bundle to the processor's batches at once. Those that succeed are settled with the bundle; each other
/// one becomes a message of its own in the same step, whose first attempt is the one it has had.
/// </summary>
internal sealed class WebhookBundleConsumer<TProcessor>(
    WebhookBatcher<TProcessor> batcher, WebhookProcessorOptions<TProcessor> options, WebhookOptions webhookOptions, IWebhookBundleTransport transport)
    : IConsumer<WebhookBundle>
    where TProcessor : class, IWebhookProcessor
{
    public async Task Consume(ConsumeContext<WebhookBundle> context)
    {
        // Before anything that may be interrupted: a bundle that cannot be read is a dead letter like any other message.
        var webhooks = WebhookPacker.Unpack(context.Message.Webhooks, context.Message.Count);
        WebhookIdentities.Unpack(context.Message.Identities, webhooks);
        try
        {
            var rest = MustBeTakenApart(context, webhooks.Length)
                ? [.. webhooks.Select(x => new WebhookPart(x, null))]
                : await ProcessAsync(context, webhooks).ConfigureAwait(false);
            if (rest.Count > 0)
                await transport.SplitAsync(context, rest).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            throw new BundleInterruptedException(exception);
        }
    }

    /// <summary>
    /// A bundle that comes a second time, because its process died or froze: one webhook that kills its process must do so alone. One
    /// for a slow processor: others may take what does not fit at once. One that other consumers of the queue must see singly.
    /// </summary>
    bool MustBeTakenApart(ConsumeContext context, int count) =>
        context.ReceiveContext.Redelivered || count > batcher.Capacity || !webhookOptions.Bundling || webhookOptions.SharedQueues.ContainsKey(options.QueueName);

    async Task<List<WebhookPart>> ProcessAsync(ConsumeContext context, Webhook[] webhooks)
    {
        var rest = new List<WebhookPart>();
        var wanted = new List<Webhook>(webhooks.Length);
        foreach (var webhook in webhooks)
        {
            try
            {
                if (options.IsWanted(webhook))
                    wanted.Add(webhook);
            }
            catch (Exception)
            {
                // The filter is at fault, not the bundle: alone, the webhook is retried and dead-lettered by what the filter throws then.
                rest.Add(new WebhookPart(webhook, null));
            }
        }

        if (wanted.Count == 0)
            return rest;

        var results = await batcher.ProcessAsync(context, wanted).ConfigureAwait(false);
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Status is WebhookStatus.Retry or WebhookStatus.Failed)
                rest.Add(new WebhookPart(wanted[i], results[i]));
        }

        return rest;
    }
}

/// <summary>The endpoint of the processor, which its single webhooks use too.</summary>
internal sealed class WebhookBundleConsumerDefinition<TProcessor> : ConsumerDefinition<WebhookBundleConsumer<TProcessor>>
    where TProcessor : class, IWebhookProcessor
{
    public WebhookBundleConsumerDefinition(WebhookProcessorOptions<TProcessor> options)
    {
        EndpointName = options.QueueName;
        ConcurrentMessageLimit = options.Window;
    }
}
