using MassTransit.Context;
using MassTransit.Serialization;

namespace MassTransit.Webhooks;

/// <summary>
/// The context of one webhook of a bundle, as if it were a message of its own, with its own id and headers. Messages that are sent from it
/// are sent with those of the bundle.
/// </summary>
internal sealed class BundledConsumeContext(ConsumeContext bundle, Webhook webhook) : ConsumeContextProxy(bundle), ConsumeContext<Webhook>
{
    Headers? _headers;

    public Webhook Message => webhook;

    public override Guid? MessageId => webhook.Id.Length > 0 ? webhook.GetMessageId() : null;

    public override Headers Headers => _headers ??= WithTenant();

    /// <summary>Does nothing, because the bundle is the message that is consumed and observed.</summary>
    public Task NotifyConsumed(TimeSpan duration, string consumerType) => Task.CompletedTask;

    public Task NotifyFaulted(TimeSpan duration, string consumerType, Exception exception) => Task.CompletedTask;

    Headers WithTenant()
    {
        if (webhook.Tenant is null)
            return base.Headers;

        var headers = new DictionarySendHeaders();
        foreach (var header in base.Headers.GetAll())
            headers.Set(header.Key, header.Value);
        headers.Set(WebhookHeaders.Tenant, webhook.Tenant);
        return headers;
    }
}
