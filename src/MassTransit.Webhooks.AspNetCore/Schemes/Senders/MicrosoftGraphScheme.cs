using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Microsoft Graph's change notifications (learn.microsoft.com/graph/change-notifications-delivery-webhooks). Each notification repeats the
/// <c>clientState</c> that was given when it was subscribed to: it is a shared text, and nothing is signed. When a subscription is made,
/// Graph sends a text in the query and expects it back; that proves nothing, so it is echoed as plain text that no browser interprets.
/// </summary>
internal sealed class MicrosoftGraphScheme() : ImmediateScheme
{
    const string Question = "validationToken";
    const int LongestEcho = 4096;

    static readonly JsonFacts Facts = new("value.[0].changeType", "value.[0].lifecycleEvent");

    /// <summary>Graph's documentation: answer 202 within 3 seconds.</summary>
    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status202Accepted);

    public override WebhookVerification Verify(WebhookRequest request)
    {
        if (request.Body.IsEmpty && request.QueryValue(Question) is { Length: > 0 and <= LongestEcho })
            return WebhookVerdict.Accepted;
        if (!TryReadStates(request.Body.Span, out var states))
            return WebhookVerdict.SignatureMalformed;
        if (states.Count == 0)
            return WebhookVerdict.SignatureMissing;
        WebhookVerification verification = WebhookVerdict.SignatureMismatch;
        foreach (var state in states)
        {
            verification = SharedText.Verify(state, request.Secrets, this);
            // One notification of another sender is enough to refuse all.
            if (verification.Verdict != WebhookVerdict.Accepted)
                return verification;
        }

        return verification;
    }

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification)
    {
        if (request.Body.IsEmpty && request.QueryValue(Question) is { } question)
            return new WebhookFacts(null) { Challenge = WebhookAnswer.Text(question) };
        var found = Facts.Read(request.Body.Span);
        return new WebhookFacts(null, found[0] ?? found[1] ?? "");
    }

    /// <summary>The states of all notifications. Each notification must have one.</summary>
    static bool TryReadStates(ReadOnlySpan<byte> body, out List<string> states)
    {
        states = [];
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("value", out var notifications)
                || notifications.ValueKind != JsonValueKind.Array)
                return false;
            foreach (var notification in notifications.EnumerateArray())
            {
                if (notification.ValueKind != JsonValueKind.Object || !notification.TryGetProperty("clientState", out var state)
                    || state.ValueKind != JsonValueKind.String)
                    return false;
                states.Add(state.GetString()!);
            }

            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
