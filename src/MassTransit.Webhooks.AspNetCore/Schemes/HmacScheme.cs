using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>What the schemes with a keyed hash have in common: each says only where its codes are.</summary>
internal abstract class HmacScheme(SignedTemplate template, HashAlgorithmName algorithm) : WebhookScheme
{
    /// <summary>Reads what the sender offers. <see cref="IngressReason.Accepted"/> where it can be read.</summary>
    protected abstract IngressReason Read(IHeaderDictionary headers, out Offer offer);

    /// <summary>The bytes of the key; <c>null</c> where the secret is not one.</summary>
    protected virtual byte[]? ReadKey(string secret) => secret.Length == 0 ? null : Encoding.UTF8.GetBytes(secret);

    public sealed override IngressReason Verify(in SignedRequest request)
    {
        var read = Read(request.Headers, out var offer);
        if (read != IngressReason.Accepted)
            return read;

        var timestamp = 0L;
        if (offer.Timestamp.Length > 0 && !HeaderReader.TryParseTimestamp(offer.Timestamp, out timestamp))
            return IngressReason.TimestampMalformed;

        var keys = 0;
        var valid = false;
        foreach (var secret in request.Secrets)
        {
            if (ReadKey(secret) is not { } key)
                continue;
            keys++;
            var expected = template.Sign(algorithm, key, offer.Id, offer.Timestamp, request.Body);
            // Every code with every key: how long it takes does not tell which one was nearly right.
            foreach (var code in offer.Codes)
                valid |= CryptographicOperations.FixedTimeEquals(expected, code);
        }

        if (keys == 0)
            return IngressReason.SecretsUnavailable;
        if (!valid)
            return IngressReason.SignatureMismatch;

        // After the signature: only who holds a secret learns how our clock goes.
        return offer.Timestamp.Length == 0 || IsInside(timestamp, request.Now, request.Tolerance)
            ? IngressReason.Accepted
            : IngressReason.TimestampOutsideWindow;
    }

    static bool IsInside(long timestamp, DateTimeOffset now, TimeSpan tolerance) =>
        Math.Abs(now.ToUnixTimeSeconds() - timestamp) <= (long)tolerance.TotalSeconds;

    /// <param name="Codes">The decoded codes of the versions we know; none is a list that cannot be right.</param>
    /// <param name="Id">The id as it is signed, or empty.</param>
    /// <param name="Timestamp">The timestamp as it is signed; empty for a scheme without a window.</param>
    protected readonly record struct Offer(IReadOnlyList<byte[]> Codes, string Id = "", string Timestamp = "");

    protected static IngressReason ReadOne(IHeaderDictionary headers, string name, IngressReason missing, IngressReason malformed, out string value) =>
        HeaderReader.Read(headers, name, out value) switch
        {
            HeaderReader.Found.One => IngressReason.Accepted,
            HeaderReader.Found.None => missing,
            _ => malformed
        };

    protected static IngressReason ReadSignature(IHeaderDictionary headers, string name, out string value) =>
        ReadOne(headers, name, IngressReason.SignatureMissing, IngressReason.SignatureMalformed, out value);

    protected static IngressReason ReadTimestamp(IHeaderDictionary headers, string name, out string value) =>
        ReadOne(headers, name, IngressReason.TimestampMissing, IngressReason.TimestampMalformed, out value);
}
