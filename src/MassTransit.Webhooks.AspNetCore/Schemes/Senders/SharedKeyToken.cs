using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// A JSON web token (RFC 7519) that is signed with a shared secret by HMAC-SHA-256, and nothing else: no other algorithm, least of all
/// none.
/// </summary>
internal static class SharedKeyToken
{
    const int LongestToken = 8 * 1024;

    static readonly JsonFacts Header = new("alg");
    static readonly JsonFacts Claims = new("exp", "iat", "nbf");

    /// <summary>Verifies a token. It must end, and its times are compared with the tolerance of the request.</summary>
    public static WebhookVerification Verify(string token, WebhookRequest request, WebhookScheme scheme)
    {
        var parts = token.Split('.');
        if (token.Length > LongestToken || parts.Length != 3 || Decode(parts[0]) is not { } header || Decode(parts[1]) is not { } claims
            || Decode(parts[2]) is not { } code)
            return WebhookVerdict.SignatureMalformed;
        if (Header.Read(header)[0] != "HS256")
            return WebhookVerdict.SignatureMalformed;

        var content = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        var hasKey = false;
        WebhookVerification? verified = null;
        foreach (var secret in request.Secrets)
        {
            if (scheme.FindSecretError(secret) is not null)
                continue;
            hasKey = true;
            var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), content);
            if (CryptographicOperations.FixedTimeEquals(expected, code))
                verified ??= new WebhookVerification(WebhookVerdict.Accepted) { Secret = secret };
        }

        if (!hasKey)
            return WebhookVerdict.SecretsUnavailable;
        return verified is null ? WebhookVerdict.SignatureMismatch : CheckTimes(claims, request) is { } reason ? reason : verified.Value;
    }

    static WebhookVerdict? CheckTimes(byte[] claims, WebhookRequest request)
    {
        var found = Claims.Read(claims);
        const WebhookTimestampFormat format = WebhookTimestampFormat.UnixSeconds;
        if (found[0] is not { } ends)
            return WebhookVerdict.TimestampMissing;
        foreach (var text in found.OfType<string>())
        {
            if (!SignedTime.TryParse(text, format, isTight: false, out _))
                return WebhookVerdict.TimestampMalformed;
        }

        DateTimeOffset At(string text) => SignedTime.TryParse(text, format, isTight: false, out var time) ? time : DateTimeOffset.MaxValue;
        var isOver = At(ends) + request.Tolerance < request.Now;
        var isEarly = found.Skip(1).OfType<string>().Any(x => At(x) > request.Now + request.Tolerance);
        return isOver || isEarly ? WebhookVerdict.TimestampOutsideWindow : null;
    }

    static byte[]? Decode(string part)
    {
        // Base64 for addresses, without padding, and in one form alone.
        if (part.Length == 0 || part.Contains('=', StringComparison.Ordinal) || !Base64Url.IsValid(part))
            return null;
        var bytes = Base64Url.DecodeFromChars(part);
        return Base64Url.EncodeToString(bytes) == part ? bytes : null;
    }
}
