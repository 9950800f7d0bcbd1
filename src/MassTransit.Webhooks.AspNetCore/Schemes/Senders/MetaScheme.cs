using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Meta's webhooks, of Facebook, Instagram, Messenger and WhatsApp (developers.facebook.com/docs/graph-api/webhooks/getting-started). An
/// address is confirmed by a question with a text that was agreed on.
/// </summary>
internal sealed class MetaScheme() : HmacScheme(new WebhookHmacOptions
{
    Header = "X-Hub-Signature-256",
    Prefix = "sha256=",
    EventTypeProperty = "object",
}, isLowerHex: true)
{
    // Meta also sends the old SHA-1 signature.
    public override IReadOnlyList<string> ProofHeaders { get; } = ["X-Hub-Signature-256", "X-Hub-Signature"];

    public override bool NeedsVerifyToken => true;

    public override IReadOnlyList<string> ChallengeMethods { get; } = [HttpMethods.Get];

    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override ValueTask<WebhookAnswer?> AnswerAsync(WebhookRequest request, CancellationToken cancellationToken = default) =>
        new(request.QueryValue("hub.mode") == "subscribe" && request.QueryValue("hub.verify_token") is { Length: > 0 } offered
            && SharedText.IsAny(offered, request.VerifyTokens) && request.QueryValue("hub.challenge") is { Length: > 0 } challenge
            ? WebhookAnswer.Text(challenge) : null);
}
