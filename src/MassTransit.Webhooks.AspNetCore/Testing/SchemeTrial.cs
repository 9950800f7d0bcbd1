using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>What is tried with one scheme and one request.</summary>
internal sealed class SchemeTrial(WebhookScheme scheme, WebhookVector vector)
{
    const string OtherSecret = "whsec_bm90IHRoYXQgb25lLCBhbm90aGVyIG9uZQ==";

    static readonly StringValues Two = new(["a", "b"]);

    readonly WebhookRequest _good = vector.Request;
    readonly List<string> _failures = [];

    /// <summary>The vector's time. A scheme without a time needs none.</summary>
    DateTimeOffset Now => _good.Now == default ? DateTimeOffset.UnixEpoch : _good.Now;

    public IReadOnlyList<string> Failures => _failures;

    public int Tried { get; private set; }

    public async Task RunAsync()
    {
        await CheckGoodAsync().ConfigureAwait(false);
        if (_failures.Count > 0)
            return;
        await CheckSecretsAsync().ConfigureAwait(false);
        foreach (var (what, body) in Breakage.OfBody(_good.Body))
        {
            if (vector.IsBodySigned)
                await RefuseAsync($"the body {what}", Like(body: body)).ConfigureAwait(false);
            await NeverThrowAsync($"facts of the body {what}", () => Describe(Like(body: body))).ConfigureAwait(false);
        }

        foreach (var name in scheme.ProofHeaders.Where(_good.Headers.ContainsKey))
            await CheckProofAsync(name).ConfigureAwait(false);
        await CheckTimeAsync().ConfigureAwait(false);
        await CheckClaimsAsync().ConfigureAwait(false);
        await CheckAddressAsync().ConfigureAwait(false);
    }

    async Task CheckGoodAsync()
    {
        if (scheme.NeedsSecret && _good.Secrets.Count == 0)
            _failures.Add("The vector has no secret: add it to Request.Secrets.");
        if (vector.IsBodySigned && scheme.ProofHeaders.Count == 0)
            _failures.Add("ProofHeaders is empty: name the headers that prove the sender, so that they are never published.");
        await AcceptAsync("the request as the sender has signed it", _good).ConfigureAwait(false);
        if (_failures.Count > 0)
            return;
        if (scheme.Precheck(Like(secrets: [], body: ReadOnlyMemory<byte>.Empty)) != WebhookVerdict.Accepted)
            _failures.Add("Precheck refuses the headers of a request that VerifyAsync accepts.");
        var verification = await scheme.VerifyAsync(_good).ConfigureAwait(false);
        if (vector.IsBodySigned && verification.Proof is null)
            _failures.Add("Proof is null: give the code, so that a captured request is known again.");
        var facts = scheme.Describe(_good, verification);
        Expect("id", vector.Id, facts.Id);
        Expect("event type", vector.EventType, facts.EventType);
        Expect("IsIdSigned", vector.IsIdSigned, facts is { Id: not null, IsIdSigned: true });
        Expect("IsEventTypeSigned", vector.IsEventTypeSigned, facts is { EventType.Length: > 0, IsEventTypeSigned: true });
    }

    async Task CheckSecretsAsync()
    {
        if (!scheme.NeedsSecret)
            return;
        await AcceptAsync("the right secret behind another one", Like(secrets: [OtherSecret, .. _good.Secrets])).ConfigureAwait(false);
        await AcceptAsync("the right secret in front of another one", Like(secrets: [.. _good.Secrets, OtherSecret])).ConfigureAwait(false);
        await RefuseAsync("another secret", Like(secrets: [OtherSecret])).ConfigureAwait(false);
        await RefuseAsync("no secret", Like(secrets: []), WebhookVerdict.SecretsUnavailable).ConfigureAwait(false);
        await RefuseAsync("an empty secret", Like(secrets: [""])).ConfigureAwait(false);
        await RefuseAsync("a secret of white space", Like(secrets: [" "])).ConfigureAwait(false);
        await RefuseAsync("the secret with another end",
            Like(secrets: [.. _good.Secrets.Select(x => x[..^1] + (x[^1] == 'A' ? 'Q' : 'A'))]))
            .ConfigureAwait(false);
    }

    async Task CheckProofAsync(string name)
    {
        var value = _good.Headers[name].ToString();
        var others = scheme.ProofHeaders.Any(x => x != name && _good.Headers.ContainsKey(x));
        // Of several headers with a code each, one that is missing is no matter.
        if (!others)
        {
            await RefuseAsync($"{name} missing", With(name, StringValues.Empty), WebhookVerdict.SignatureMissing).ConfigureAwait(false);
            await RefuseAsync($"{name} empty", With(name, ""), WebhookVerdict.SignatureMissing).ConfigureAwait(false);
            await RefuseAsync($"{name} twice", With(name, new[] { value, value })).ConfigureAwait(false);
            foreach (var (what, changed) in Breakage.OfProof(value))
                await RefuseAsync($"{name} {what}", With(name, changed)).ConfigureAwait(false);
        }

        foreach (var text in Breakage.Nonsense(value))
            await NeverThrowAsync($"{name} of nonsense", () => scheme.VerifyAsync(With(name, text)).AsTask()).ConfigureAwait(false);
    }

    async Task CheckTimeAsync()
    {
        foreach (var distance in new[] { TimeSpan.FromDays(1), TimeSpan.FromDays(400) })
        {
            foreach (var shift in new[] { distance, -distance })
            {
                var shifted = Like(now: Now + shift);
                if (scheme.SignsTimestamp)
                    await RefuseAsync($"a request that is {shift:c} off", shifted, WebhookVerdict.TimestampOutsideWindow)
                        .ConfigureAwait(false);
                else
                    await AcceptAsync($"a request that is {shift:c} off, since SignsTimestamp is false", shifted).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What a scheme calls signed cannot be changed in a header.</summary>
    async Task CheckClaimsAsync()
    {
        foreach (var (name, values) in _good.Headers.Where(x => !scheme.ProofHeaders.Contains(x.Key, StringComparer.OrdinalIgnoreCase))
            .ToArray())
        {
            foreach (var changed in new[] { With(name, values + "x"), With(name, StringValues.Empty), With(name, Two) })
            {
                var verification = await scheme.VerifyAsync(changed).ConfigureAwait(false);
                Tried++;
                if (verification.Verdict != WebhookVerdict.Accepted)
                    continue;
                var facts = scheme.Describe(changed, verification);
                if (facts.IsIdSigned && facts.Id is not null && facts.Id != vector.Id)
                    _failures.Add($"IsIdSigned is true, but the id changes with the header {name} under the same signature.");
                if (facts is { IsEventTypeSigned: true, EventType.Length: > 0 } && facts.EventType != vector.EventType)
                    _failures.Add($"IsEventTypeSigned is true, but the event type changes with the header {name} under the same "
                        + $"signature.");
            }
        }
    }

    async Task CheckAddressAsync()
    {
        if (!vector.IsAddressSigned)
            return;
        await RefuseAsync("another address", Like(addresses: ["https://example.invalid/other"])).ConfigureAwait(false);
        await RefuseAsync("no address", Like(addresses: [])).ConfigureAwait(false);
        await AcceptAsync("the right address behind another one", Like(addresses: ["https://example.invalid/other", .. _good.Addresses]))
            .ConfigureAwait(false);
    }

    async Task AcceptAsync(string what, WebhookRequest request)
    {
        Tried++;
        try
        {
            var verdict = (await scheme.VerifyAsync(request).ConfigureAwait(false)).Verdict;
            if (verdict != WebhookVerdict.Accepted)
                _failures.Add($"It must accept {what}, and answers {verdict}.");
        }
        catch (Exception exception)
        {
            _failures.Add($"It must accept {what}, and throws {exception.GetType().Name}.");
        }
    }

    async Task RefuseAsync(string what, WebhookRequest request, WebhookVerdict? expected = null)
    {
        Tried++;
        try
        {
            var verdict = (await scheme.VerifyAsync(request).ConfigureAwait(false)).Verdict;
            if (verdict == WebhookVerdict.Accepted)
                _failures.Add($"It accepts {what}.");
            else if (expected is { } right && verdict != right)
                _failures.Add($"It must answer {right} to {what}, and answers {verdict}.");
        }
        catch (Exception exception)
        {
            _failures.Add($"It throws {exception.GetType().Name} because of {what}.");
        }
    }

    async Task NeverThrowAsync(string what, Func<Task> act)
    {
        Tried++;
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _failures.Add($"It throws {exception.GetType().Name} because of {what}.");
        }
    }

    Task Describe(WebhookRequest request)
    {
        scheme.Describe(request,
            new WebhookVerification(WebhookVerdict.Accepted) { Secret = _good.Secrets.Count > 0 ? _good.Secrets[0] : null });
        return Task.CompletedTask;
    }

    void Expect<T>(string what, T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            _failures.Add($"The {what} must be '{expected}', and is '{actual}'.");
    }

    WebhookRequest With(string header, StringValues values)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, old) in _good.Headers)
            headers[name] = old;
        if (values.Count == 0)
            headers.Remove(header);
        else
            headers[header] = values;
        return Like(headers: headers);
    }

    WebhookRequest Like(ReadOnlyMemory<byte>? body = null, IReadOnlyList<string>? secrets = null, IHeaderDictionary? headers = null,
        DateTimeOffset? now = null, IReadOnlyList<string>? addresses = null) => new()
        {
            Method = _good.Method,
            Headers = headers ?? _good.Headers,
            QueryString = _good.QueryString,
            Addresses = addresses ?? _good.Addresses,
            IsAddressFixed = _good.IsAddressFixed,
            Body = body ?? _good.Body,
            Secrets = secrets ?? _good.Secrets,
            VerifyTokens = _good.VerifyTokens,
            Now = now ?? Now,
            Tolerance = _good.Tolerance,
            Receiver = _good.Receiver,
            Tenant = _good.Tenant,
        };
}
