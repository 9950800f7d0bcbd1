namespace MassTransit.Webhooks;

/// <summary>A webhook that leaves its bundle and becomes a message of its own.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Result">The processor's result in the bundle; <c>null</c> if the webhook has not been tried.</param>
internal sealed record BundlePart(Webhook Webhook, WebhookResult? Result)
{
    /// <summary>Sets the message id and the headers.</summary>
    public void Describe(SendContext context) => WebhookMessage.Describe(context, Webhook);

    /// <summary>
    /// Passes the result from the bundle to the webhook's own delivery in this process, so that this attempt is not made again.
    /// </summary>
    public void Prepare(PipeContext delivery)
    {
        if (Result is { } result)
            delivery.GetOrAddPayload(() => new FirstAttempt(result));
    }
}

/// <summary>
/// The result of the first attempt, which a webhook has had in its bundle. It is a payload of the webhook's own delivery.
/// </summary>
internal sealed record FirstAttempt(WebhookResult Result);
