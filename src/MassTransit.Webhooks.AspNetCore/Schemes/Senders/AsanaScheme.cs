using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Asana's <c>X-Hook-Signature</c> (developers.asana.com/docs/webhooks-guide). When a webhook is made, Asana sends the secret of that
/// webhook in a header, and expects it back. That request proves nothing, so the application decides whether it expects one, and keeps the
/// secret.
/// </summary>
internal sealed class AsanaScheme(WebhookHandshake? handshake) : WebhookScheme
{
    const string SecretHeader = "X-Hook-Secret";
    const int LongestSecret = 512;

    static readonly JsonFacts Facts = new("events.[0].action");

    readonly HmacScheme _signature = new(new WebhookHmacOptions { Header = "X-Hook-Signature" }, isLowerHex: true);

    public override IReadOnlyList<string> ProofHeaders { get; } = ["X-Hook-Signature", SecretHeader];

    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override WebhookVerdict Precheck(WebhookRequest request) =>
        IsHandshake(request) ? WebhookVerdict.Accepted : _signature.Precheck(request);

    public override async ValueTask<WebhookVerification> VerifyAsync(WebhookRequest request, CancellationToken cancellationToken = default)
    {
        if (!IsHandshake(request))
            return _signature.Verify(request);
        var secret = request.Header(SecretHeader)!;
        return await handshake!(new WebhookHandshakeRequest(request.Receiver, request.Tenant, secret), cancellationToken)
            .ConfigureAwait(false)
            ? new WebhookVerification(WebhookVerdict.Accepted) { Secret = secret } : WebhookVerdict.SignatureMissing;
    }

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification) => IsHandshake(request)
        ? new WebhookFacts(null)
        {
            Challenge = WebhookAnswer.Empty().With(SecretHeader, request.Header(SecretHeader)!),
        }
        : new WebhookFacts(null, Facts.Read(request.Body.Span)[0] ?? "") { IsEventTypeSigned = true };

    /// <summary>A request with a signature is a webhook, whatever else it has.</summary>
    bool IsHandshake(WebhookRequest request) => handshake is not null && !request.Headers.ContainsKey("X-Hook-Signature")
        && request.Header(SecretHeader) is { Length: <= LongestSecret } secret && SecretText.FindError(secret) is null
        && secret.All(char.IsAscii);
}
