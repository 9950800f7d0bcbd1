namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// A sender that uses one of several sets of header names. The first set whose signature is there counts; sets are not mixed.
/// </summary>
internal class AlternativeScheme(params HmacScheme[] sets) : ImmediateScheme
{
    public override IReadOnlyList<string> ProofHeaders { get; } = [.. sets.SelectMany(x => x.ProofHeaders)];

    public override bool SignsTimestamp => sets[0].SignsTimestamp;

    public override bool HasIdHeader => sets[0].HasIdHeader;

    public override WebhookReplayProtection ReplayProtection => sets[0].ReplayProtection;

    public override string? FindSecretError(string secret) => sets[0].FindSecretError(secret);

    public override int CountSecretBytes(string secret) => sets[0].CountSecretBytes(secret);

    public override WebhookVerdict Precheck(WebhookRequest request) => Of(request).Precheck(request);

    public override WebhookVerification Verify(WebhookRequest request) => Of(request).Verify(request);

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification) =>
        Of(request).Describe(request, verification);

    HmacScheme Of(WebhookRequest request) =>
        Array.Find(sets, x => x.ProofHeaders.Any(request.Headers.ContainsKey)) ?? sets[0];
}
