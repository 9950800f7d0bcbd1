using System.Text;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// A shared token in a header, as GitLab sends it. It proves the sender but not the body, and can be verified before the body is read.
/// </summary>
internal class TokenScheme(WebhookTokenOptions options) : ImmediateScheme
{
    readonly JsonFacts _facts = new(options.IdProperty, options.EventTypeProperty);

    public override IReadOnlyList<string> ProofHeaders { get; } = [options.Header];

    public override WebhookVerdict Precheck(WebhookRequest request) => Read(request, out _);

    public override WebhookVerification Verify(WebhookRequest request)
    {
        var reason = Read(request, out var token);
        return reason == WebhookVerdict.Accepted ? SharedText.Verify(token, request.Secrets, this) : reason;
    }

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification)
    {
        var found = _facts.Read(request.Body.Span);
        return new(request.Header(options.IdHeader) ?? found[0], request.Header(options.EventTypeHeader) ?? found[1] ?? "");
    }

    WebhookVerdict Read(WebhookRequest request, out string token)
    {
        token = "";
        switch (HeaderReader.Read(request.Headers, options.Header, out var value))
        {
            case HeaderReader.Found.None when request.QueryValue(options.QueryParameter) is { Length: > 0 } parameter:
                token = parameter;
                return WebhookVerdict.Accepted;
            case HeaderReader.Found.None:
                return WebhookVerdict.SignatureMissing;
            case HeaderReader.Found.Unusable:
                return WebhookVerdict.SignatureMalformed;
        }

        // The names of authentication schemes (Bearer, Basic) may be written in any case (RFC 9110).
        var comparison = options.Prefix.EndsWith(' ') ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        if (!value.StartsWith(options.Prefix, comparison))
            return WebhookVerdict.SignatureMalformed;
        token = value[options.Prefix.Length..];
        if (!options.IsBasic)
            return WebhookVerdict.Accepted;
        return TryDecode(token, out token) ? WebhookVerdict.Accepted : WebhookVerdict.SignatureMalformed;
    }

    /// <summary>User and password of HTTP's basic authentication, with a colon between them (RFC 7617).</summary>
    static bool TryDecode(string text, out string credentials)
    {
        credentials = "";
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text.TrimStart(' '), bytes, out var length))
            return false;
        credentials = Encoding.UTF8.GetString(bytes.AsSpan(0, length));
        return credentials.Contains(':', StringComparison.Ordinal);
    }
}
