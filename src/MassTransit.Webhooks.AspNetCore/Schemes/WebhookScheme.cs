using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>How one kind of sender proves who it is, and says what it sends. Never throws on what a request contains.</summary>
internal abstract class WebhookScheme
{
    /// <summary>Whether a receiver with this scheme may run without a secret.</summary>
    public virtual bool NeedsSecret => true;

    /// <summary>Headers that prove something, and are never handed on.</summary>
    public virtual IReadOnlyList<string> ProofHeaders => [];

    /// <summary>Whether a signed time keeps a captured request from being good for ever.</summary>
    public virtual bool SignsTimestamp => false;

    /// <summary>Whether the sender's id is among what is signed, by itself or in the body.</summary>
    public virtual bool SignsId => false;

    /// <summary>Whether the event type is.</summary>
    public virtual bool SignsEventType => false;

    /// <summary>Whether the sender gives its id in a header, so that a request without one is none of its own.</summary>
    public virtual bool HasIdHeader => false;

    /// <summary>What is taken for a captured request that somebody sends again, where the receiver does not say.</summary>
    public virtual WebhookReplayProtection ReplayProtection => WebhookReplayProtection.None;

    /// <summary>The status that this kind of sender wants to hear when its webhook was accepted.</summary>
    public virtual int AcceptedStatus => StatusCodes.Status202Accepted;

    /// <summary>What is wrong with a configured secret, without repeating it; <c>null</c> where nothing is.</summary>
    public virtual string? FindSecretError(string secret) => SecretText.FindError(secret);

    /// <summary>How many bytes of key a secret is that can be used.</summary>
    public virtual int CountSecretBytes(string secret) => System.Text.Encoding.UTF8.GetByteCount(secret);

    /// <summary>
    /// Looks at the headers alone, before a byte of the body is read or anything is computed: whether there is a signature that can
    /// be read, and a timestamp inside the window. <see cref="IngressReason.Accepted"/>: go on. How our clock goes is told by that to
    /// anyone who asks; the <c>Date</c> of every answer tells it too.
    /// </summary>
    public abstract IngressReason Precheck(IHeaderDictionary headers, DateTimeOffset now, TimeSpan tolerance);

    /// <summary>
    /// Begins to verify a request: all of <see cref="Precheck"/>, then the secrets. The body is given to the check as it comes.
    /// </summary>
    /// <returns><see cref="IngressReason.Accepted"/> and a check, or why there is none.</returns>
    public abstract IngressReason Begin(in SignedHeaders request, out SignatureCheck? check);

    /// <summary>Verifies a request whose body is there. <see cref="IngressReason.Accepted"/> means that the sender holds a secret.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its body, byte for byte.</param>
    /// <param name="proof">What tells these signed bytes from all others; <c>null</c> where nothing is signed.</param>
    public IngressReason Verify(in SignedHeaders request, ReadOnlySpan<byte> body, out byte[]? proof)
    {
        proof = null;
        var reason = Begin(request, out var check);
        if (reason != IngressReason.Accepted)
            return reason;
        using (check)
        {
            check!.Append(body);
            reason = check.Complete();
            proof = check.Proof;
            return reason;
        }
    }

    /// <summary>Reads what was received. Called after verification only: nothing unverified is parsed.</summary>
    public abstract WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body);
}

/// <summary>What a scheme verifies by, but for the body.</summary>
internal readonly ref struct SignedHeaders
{
    public required IHeaderDictionary Headers { get; init; }

    public required IReadOnlyList<string> Secrets { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required TimeSpan Tolerance { get; init; }
}

/// <summary>A verification under way: takes the body piece by piece, and then says whether its signature is right.</summary>
internal class SignatureCheck : IDisposable
{
    /// <summary>For schemes that sign no body: what there was to verify has been.</summary>
    public static SignatureCheck Passed { get; } = new();

    /// <summary>What tells these signed bytes from all others, after <see cref="Complete"/>; <c>null</c> where nothing is signed.</summary>
    public byte[]? Proof { get; protected set; }

    /// <summary>Takes the next bytes of the body.</summary>
    public virtual void Append(ReadOnlySpan<byte> body)
    {
    }

    /// <summary>The body is whole.</summary>
    public virtual IngressReason Complete() => IngressReason.Accepted;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>What a verified request says of itself.</summary>
/// <param name="Id">The sender's id; <c>null</c> where it gives none.</param>
/// <param name="EventType">What happened; empty where it does not say.</param>
/// <param name="Challenge">What the sender wants to hear again instead of having it stored (Slack); else <c>null</c>.</param>
internal readonly record struct WebhookFacts(string? Id, string EventType, string? Challenge = null);
