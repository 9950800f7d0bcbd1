using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// monday.com's webhooks of an app (developer.monday.com/api-reference/reference/webhooks): a JSON web token, signed with the app's signing
/// secret, in <c>Authorization</c>. It covers no body. When a webhook is made, monday.com sends a text and expects it back. Webhooks that
/// were made by hand on a board have no token, and cannot be told from anybody's.
/// </summary>
internal sealed class MondayScheme() : ImmediateScheme
{
    static readonly JsonFacts Facts = new("challenge", "event.triggerUuid", "event.type");

    public override IReadOnlyList<string> ProofHeaders { get; } = ["Authorization"];

    public override bool SignsTimestamp => true;

    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override WebhookVerdict Precheck(WebhookRequest request) => HeaderReader.Read(request.Headers, "Authorization", out _) switch
    {
        HeaderReader.Found.None => WebhookVerdict.SignatureMissing,
        HeaderReader.Found.One => WebhookVerdict.Accepted,
        _ => WebhookVerdict.SignatureMalformed,
    };

    public override WebhookVerification Verify(WebhookRequest request)
    {
        var reason = Precheck(request);
        if (reason != WebhookVerdict.Accepted)
            return reason;
        var token = request.Header("Authorization")!;
        return SharedKeyToken.Verify(token.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? token[7..] : token, request, this);
    }

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification)
    {
        var found = Facts.Read(request.Body.Span);
        return found[0] is { } challenge
            ? new WebhookFacts(null) { Challenge = WebhookAnswer.Json(("challenge", challenge)) }
            : new WebhookFacts(found[1], found[2] ?? "");
    }
}
