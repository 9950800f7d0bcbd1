using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The common part of the schemes with a keyed hash (HMAC). Each scheme only says where its codes are.</summary>
internal abstract class HmacScheme(SignedTemplate template, HashAlgorithmName algorithm) : WebhookScheme
{
    readonly int _codeLength = algorithm == HashAlgorithmName.SHA512 ? SHA512.HashSizeInBytes : SHA256.HashSizeInBytes;

    public sealed override bool SignsTimestamp => template.UsesTimestamp;

    /// <summary>
    /// Reads the codes, id and timestamp from the headers. Returns <see cref="IngressReason.Accepted"/> if they can be read.
    /// </summary>
    protected abstract IngressReason Read(IHeaderDictionary headers, out Offer offer);

    /// <summary>The bytes of the key; <c>null</c> if the secret is no valid key.</summary>
    protected virtual byte[]? ReadKey(string secret) => FindSecretError(secret) is null ? Encoding.UTF8.GetBytes(secret) : null;

    public sealed override int CountSecretBytes(string secret) => ReadKey(secret)?.Length ?? 0;

    public sealed override IngressReason Precheck(IHeaderDictionary headers, DateTimeOffset now, TimeSpan tolerance) =>
        Precheck(headers, now, tolerance, out _);

    public sealed override IngressReason Begin(in SignedHeaders request, out SignatureCheck? check)
    {
        check = null;
        var reason = Precheck(request.Headers, request.Now, request.Tolerance, out var offer);
        if (reason != IngressReason.Accepted)
            return reason;

        var hashes = new List<IncrementalHash>(request.Secrets.Count);
        foreach (var secret in request.Secrets)
        {
            if (ReadKey(secret) is { } key)
                hashes.Add(template.Begin(algorithm, key, offer.Id, offer.Timestamp));
        }

        if (hashes.Count == 0)
            return IngressReason.SecretsUnavailable;
        check = new HmacCheck(template, hashes, offer);
        return IngressReason.Accepted;
    }

    IngressReason Precheck(IHeaderDictionary headers, DateTimeOffset now, TimeSpan tolerance, out Offer offer)
    {
        var read = Read(headers, out offer);
        if (read != IngressReason.Accepted)
            return read;
        if (!template.IsIdUnambiguous(offer.Id))
            return IngressReason.IdMalformed;
        if (offer.Timestamp.Length > 0)
        {
            if (!HeaderReader.TryParseTimestamp(offer.Timestamp, out var timestamp))
                return IngressReason.TimestampMalformed;
            if (Math.Abs(now.ToUnixTimeSeconds() - timestamp) > (long)tolerance.TotalSeconds)
                return IngressReason.TimestampOutsideWindow;
        }

        // If no code has the length of this hash, no key can make one of them valid.
        return offer.Codes.Any(x => x.Length == _codeLength) ? IngressReason.Accepted : IngressReason.SignatureMismatch;
    }

    /// <param name="Codes">The decoded codes of the known versions. An empty list can never be valid.</param>
    /// <param name="Id">The id as it is signed, or empty.</param>
    /// <param name="Timestamp">The timestamp as it is signed; empty for a scheme without a window.</param>
    protected readonly record struct Offer(IReadOnlyList<byte[]> Codes, string Id = "", string Timestamp = "");

    protected static IngressReason ReadOne(IHeaderDictionary headers, string name, IngressReason missing, IngressReason malformed,
        out string value) =>
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

    /// <summary>Computes one hash for each secret at the same time.</summary>
    sealed class HmacCheck(SignedTemplate template, List<IncrementalHash> hashes, Offer offer) : SignatureCheck
    {
        public override void Append(ReadOnlySpan<byte> body)
        {
            foreach (var hash in hashes)
                hash.AppendData(body);
        }

        public override IngressReason Complete()
        {
            foreach (var hash in hashes)
            {
                var expected = template.Complete(hash, offer.Id, offer.Timestamp);
                var valid = false;
                // Compares every code with every key, so that the time does not show which one matched.
                foreach (var code in offer.Codes)
                    valid |= CryptographicOperations.FixedTimeEquals(expected, code);
                if (valid)
                    Proof ??= expected;
            }

            return Proof is null ? IngressReason.SignatureMismatch : IngressReason.Accepted;
        }

        protected override void Dispose(bool disposing)
        {
            foreach (var hash in hashes)
                hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
