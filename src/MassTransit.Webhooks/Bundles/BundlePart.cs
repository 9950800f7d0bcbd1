namespace MassTransit.Webhooks;

/// <summary>A webhook that leaves its bundle, to be a message of its own.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Result">What its processor made of it in the bundle; <c>null</c>: it has not been tried.</param>
internal sealed record BundlePart(Webhook Webhook, WebhookResult? Result)
{
    /// <summary>Gives its message id and headers.</summary>
    public void Describe(SendContext context) => WebhookMessage.Describe(context, Webhook);

    /// <summary>Hands what it has come to in the bundle to its own delivery in this process, so that it is not tried once more for that.</summary>
    public void Prepare(PipeContext delivery)
    {
        if (Result is { } result)
            delivery.GetOrAddPayload(() => new FirstAttempt(result));
    }
}

/// <summary>The first attempt of a webhook, which it has had in its bundle: a payload of its own delivery.</summary>
internal sealed record FirstAttempt(WebhookResult Result);
