using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>How one kind of sender proves who it is, and says what it sends. Never throws on what a request contains.</summary>
internal abstract class WebhookScheme
{
    /// <summary>Whether a receiver with this scheme may run without a secret.</summary>
    public virtual bool NeedsSecret => true;

    /// <summary>Headers that prove something, and are never handed on.</summary>
    public virtual IReadOnlyList<string> ProofHeaders => [];

    /// <summary>What is wrong with a configured secret, without repeating it; <c>null</c> where nothing is.</summary>
    public virtual string? FindSecretError(string secret) => secret.Length == 0 ? "is empty" : null;

    /// <summary>Verifies the request. <see cref="IngressReason.Accepted"/> means that the sender holds a secret.</summary>
    public abstract IngressReason Verify(in SignedRequest request);

    /// <summary>Reads what was received. Called after verification only: nothing unverified is parsed.</summary>
    public abstract WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body);
}

/// <summary>What a scheme verifies.</summary>
internal readonly ref struct SignedRequest
{
    public required IHeaderDictionary Headers { get; init; }

    public required ReadOnlySpan<byte> Body { get; init; }

    public required IReadOnlyList<string> Secrets { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required TimeSpan Tolerance { get; init; }
}

/// <summary>What a verified request says of itself.</summary>
/// <param name="Id">The sender's id; <c>null</c> where it gives none.</param>
/// <param name="EventType">What happened; empty where it does not say.</param>
/// <param name="Challenge">What the sender wants to hear again instead of having it stored (Slack); else <c>null</c>.</param>
internal readonly record struct WebhookFacts(string? Id, string EventType, string? Challenge = null);
