namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Accepts every request. It is used only if the user has asked for it.</summary>
internal sealed class UnsignedScheme(string? idHeader, string? eventTypeHeader) : ImmediateScheme
{
    public override bool NeedsSecret => false;

    public override WebhookVerification Verify(WebhookRequest request) => WebhookVerdict.Accepted;

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification) =>
        new(request.Header(idHeader), request.Header(eventTypeHeader) ?? "");
}
