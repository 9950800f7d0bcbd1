using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>A keyed hash (HMAC) as it is declared, by a user or for a known sender.</summary>
internal class HmacScheme : ImmediateScheme
{
    readonly WebhookHmacOptions _options;
    readonly SignedTemplate _template;
    readonly SignatureList _signatures;
    readonly SecretKey _key;
    readonly JsonFacts _facts;
    readonly int _codeLength;
    readonly HashAlgorithmName _algorithm;

    /// <param name="options">The declaration.</param>
    /// <param name="isLowerHex">Whether the sender writes hex digits small.</param>
    /// <exception cref="ArgumentException">The options contradict each other, or could be read in more than one way.</exception>
    public HmacScheme(WebhookHmacOptions options, bool isLowerHex = false)
    {
        _template = HmacDeclaration.Check(options);
        _options = options;
        _signatures = new SignatureList(options) { IsLowerHex = isLowerHex };
        _key = new SecretKey(options.SecretEncoding, options.SecretPrefix);
        _facts = new JsonFacts(options.IdProperty, options.EventTypeProperty);
        _algorithm = HmacDeclaration.AlgorithmOf(options.Hash);
        _codeLength = HmacDeclaration.LengthOf(options.Hash);
    }

    /// <summary>The declaration.</summary>
    public WebhookHmacOptions Options => _options;

    public SignedTemplate Template => _template;

    public sealed override bool SignsTimestamp => _template.UsesTimestamp;

    public override bool HasIdHeader => _options.IdHeader is not null;

    // The kind of bodies is unknown, and a sender may send the same body for two event types. Without an id header there is no id that an
    // attacker could change.
    public override WebhookReplayProtection ReplayProtection =>
        !HasIdHeader || _template.UsesId ? WebhookReplayProtection.None : WebhookReplayProtection.SameEventType;

    public override IReadOnlyList<string> ProofHeaders => _signatures.Headers;

    /// <summary>The bytes of the key; <c>null</c> if the secret is no valid key.</summary>
    public byte[]? ReadKey(string secret) => _key.Read(secret);

    public sealed override string? FindSecretError(string secret) => _key.FindError(secret);

    public sealed override int CountSecretBytes(string secret) => ReadKey(secret)?.Length ?? 0;

    public sealed override WebhookVerdict Precheck(WebhookRequest request) => Read(request, out _);

    public sealed override WebhookVerification Verify(WebhookRequest request)
    {
        var reason = Read(request, out var offer);
        if (reason != WebhookVerdict.Accepted)
            return reason;

        var contents = Contents(request, offer);
        var hasKey = false;
        WebhookVerification? verified = null;
        foreach (var secret in request.Secrets)
        {
            if (ReadKey(secret) is not { } key)
                continue;
            hasKey = true;
            foreach (var content in contents)
            {
                var expected = _template.Compute(_algorithm, key, content);
                // Compares every code with every key, so that the time does not show which one matched.
                var isValid = false;
                foreach (var code in offer.Codes)
                    isValid |= CryptographicOperations.FixedTimeEquals(expected, code);
                if (isValid)
                    verified ??= new WebhookVerification(WebhookVerdict.Accepted) { Proof = expected, Secret = secret };
            }
        }

        return !hasKey ? WebhookVerdict.SecretsUnavailable : verified ?? WebhookVerdict.SignatureMismatch;
    }

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification)
    {
        var found = _facts.Read(request.Body.Span);
        return new WebhookFacts(_options.IdProperty is null ? HeaderReader.ReadOptional(request.Headers, _options.IdHeader) : found[0],
            (_options.EventTypeProperty is null ? HeaderReader.ReadOptional(request.Headers, _options.EventTypeHeader) : found[1]) ?? "")
        {
            IsIdSigned = _template.UsesId || _options.IdProperty is not null,
            IsEventTypeSigned = _options.EventTypeProperty is not null,
        };
    }

    /// <summary>The forms in which the sender may write an address into what it signs.</summary>
    protected virtual IEnumerable<string> FormsOf(string address) => [address];

    WebhookVerdict Read(WebhookRequest request, out Offer offer)
    {
        offer = default;
        var reason = _signatures.Read(request, out var codes, out var timestamp);
        if (reason != WebhookVerdict.Accepted)
            return reason;

        var id = "";
        if (_template.UsesId)
        {
            reason = ReadOne(request.Headers, _options.IdHeader!, WebhookVerdict.IdMissing, WebhookVerdict.IdMalformed, out id);
            if (reason != WebhookVerdict.Accepted)
                return reason;
            if (!_template.IsIdUnambiguous(id))
                return WebhookVerdict.IdMalformed;
        }

        if (_options.TimestampHeader is { } header)
            reason = ReadOne(request.Headers, header, WebhookVerdict.TimestampMissing, WebhookVerdict.TimestampMalformed, out timestamp);
        if (reason == WebhookVerdict.Accepted && _template.UsesTimestamp)
            reason = CheckTime(timestamp, request);
        if (reason != WebhookVerdict.Accepted)
            return reason;

        offer = new Offer(codes, id, timestamp);
        // If no code has the length of this hash, no key can make one of them valid.
        return codes.Exists(x => x.Length == _codeLength) ? WebhookVerdict.Accepted : WebhookVerdict.SignatureMismatch;
    }

    WebhookVerdict CheckTime(string timestamp, WebhookRequest request) =>
        !SignedTime.TryParse(timestamp, _options.TimestampFormat, _template.HasTightTimestamp, out var time)
            ? WebhookVerdict.TimestampMalformed
            : SignedTime.IsWithin(time, request.Now, request.Tolerance, _options.TimestampFormat)
                ? WebhookVerdict.Accepted : WebhookVerdict.TimestampOutsideWindow;

    /// <summary>What may have been signed: one content for each address that the sender may know.</summary>
    List<SignedValues> Contents(WebhookRequest request, Offer offer)
    {
        var values = new SignedValues
        {
            Body = request.Body,
            Id = offer.Id,
            Timestamp = offer.Timestamp,
            Method = request.Method,
            Url = "",
            IsUrlFixed = request.IsAddressFixed,
            Form = _template.UsesForm ? SortedForm.Join(request.Body.Span) : "",
        };
        if (!_template.UsesUrl)
            return [values];
        return [.. request.Addresses.Where(x => HasBodyHash(x, request)).SelectMany(FormsOf).Select(x => values with { Url = x })
            .Where(x => _template.IsUnambiguous(x))];
    }

    /// <summary>Whether the address, if it must, contains the hash of the body.</summary>
    bool HasBodyHash(string address, WebhookRequest request) =>
        _options.BodyHashParameter is not { } parameter || BodyHash.Matches(address, parameter, request.Body.Span);

    static WebhookVerdict ReadOne(IHeaderDictionary headers, string name, WebhookVerdict missing, WebhookVerdict malformed,
        out string value) =>
        HeaderReader.Read(headers, name, out value) switch
        {
            HeaderReader.Found.One => WebhookVerdict.Accepted,
            HeaderReader.Found.None => missing,
            _ => malformed
        };

    /// <param name="Codes">The decoded codes of the declared kind. An empty list can never be valid.</param>
    /// <param name="Id">The id as it is signed, or empty.</param>
    /// <param name="Timestamp">The timestamp as it is signed; empty for a scheme without a window.</param>
    readonly record struct Offer(List<byte[]> Codes, string Id, string Timestamp);
}
