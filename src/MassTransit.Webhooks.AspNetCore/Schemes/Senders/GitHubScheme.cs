namespace MassTransit.Webhooks.AspNetCore;

/// <summary>GitHub's <c>X-Hub-Signature-256</c>. It signs no timestamp, so a repeat is recognized by its id.</summary>
internal sealed class GitHubScheme() : HmacScheme(new WebhookHmacOptions
{
    Header = "X-Hub-Signature-256",
    Prefix = "sha256=",
    IdHeader = "X-GitHub-Delivery",
    EventTypeHeader = "X-GitHub-Event",
}, isLowerHex: true)
{
    // GitHub's bodies differ from event to event, so an equal body under another event type is a captured one.
    public override WebhookReplayProtection ReplayProtection => WebhookReplayProtection.AnyEventType;

    // GitHub also sends the old SHA-1 signature.
    public override IReadOnlyList<string> ProofHeaders { get; } = ["X-Hub-Signature-256", "X-Hub-Signature"];

    /// <summary>GitHub's documentation: payloads are capped at 25 MB, and a delivery that fails is not repeated.</summary>
    public override int MaxBodyBytes => 25 * 1024 * 1024;
}
