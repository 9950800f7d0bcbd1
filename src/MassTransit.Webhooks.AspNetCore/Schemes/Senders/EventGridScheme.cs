using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Azure Event Grid in its own schema (learn.microsoft.com/azure/event-grid/webhook-event-delivery). Event Grid signs nothing: the proof is
/// a secret that was put into the address (<c>?code=…</c>) or into a header of the delivery. The first event asks whether the address is
/// meant, and its code is sent back.
/// </summary>
internal sealed class EventGridScheme() : TokenScheme(new WebhookTokenOptions
{
    Header = "X-Webhook-Token",
    QueryParameter = "code",
    IdHeader = null,
    EventTypeHeader = null,
    IdProperty = "[0].id",
    EventTypeProperty = "[0].eventType",
})
{
    const string Question = "Microsoft.EventGrid.SubscriptionValidationEvent";

    static readonly JsonFacts Facts = new("[0].data.validationCode");

    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification)
    {
        var facts = base.Describe(request, verification);
        return facts.EventType == Question && Facts.Read(request.Body.Span)[0] is { } code
            ? facts with { Challenge = WebhookAnswer.Json(("validationResponse", code)) } : facts;
    }
}
