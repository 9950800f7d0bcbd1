using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// How one kind of sender proves its identity and describes its webhooks. It never throws because of a request's content.
/// </summary>
internal abstract class WebhookScheme
{
    /// <summary>Whether a receiver with this scheme needs a secret.</summary>
    public virtual bool NeedsSecret => true;

    /// <summary>The headers that prove the sender. They are never published.</summary>
    public virtual IReadOnlyList<string> ProofHeaders => [];

    /// <summary>Whether a signed timestamp limits how long a captured request is valid.</summary>
    public virtual bool SignsTimestamp => false;

    /// <summary>Whether the signature covers the sender's id, by itself or in the body.</summary>
    public virtual bool SignsId => false;

    /// <summary>Whether the signature covers the event type.</summary>
    public virtual bool SignsEventType => false;

    /// <summary>Whether the sender gives its id in a header. A request without that header then does not come from such a sender.</summary>
    public virtual bool HasIdHeader => false;

    /// <summary>The replay protection that applies if the receiver sets none.</summary>
    public virtual WebhookReplayProtection ReplayProtection => WebhookReplayProtection.None;

    /// <summary>The status that this kind of sender expects for an accepted webhook.</summary>
    public virtual int AcceptedStatus => StatusCodes.Status202Accepted;

    /// <summary>The error of a configured secret, without the secret itself; <c>null</c> if there is none.</summary>
    public virtual string? FindSecretError(string secret) => SecretText.FindError(secret);

    /// <summary>The length of a valid secret's key, in bytes.</summary>
    public virtual int CountSecretBytes(string secret) => System.Text.Encoding.UTF8.GetByteCount(secret);

    /// <summary>
    /// Checks the headers alone, before any byte of the body is read and anything is computed: whether the signature can be read and the
    /// timestamp is inside the window. <see cref="IngressReason.Accepted"/> means that the request goes on. The result reveals this
    /// machine's clock to anyone, but so does the <c>Date</c> header of every answer.
    /// </summary>
    public abstract IngressReason Precheck(IHeaderDictionary headers, DateTimeOffset now, TimeSpan tolerance);

    /// <summary>
    /// Begins to verify a request: does all of <see cref="Precheck"/>, then reads the secrets. The body is handed to the check as it
    /// arrives.
    /// </summary>
    /// <returns><see cref="IngressReason.Accepted"/> and a check, or the reason why there is none.</returns>
    public abstract IngressReason Begin(in SignedHeaders request, out SignatureCheck? check);

    /// <summary>
    /// Verifies a request with its whole body. <see cref="IngressReason.Accepted"/> means that the sender has one of the secrets.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="body">The body, unchanged.</param>
    /// <param name="proof">A value that identifies the signed bytes; <c>null</c> if nothing is signed.</param>
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

    /// <summary>Reads the facts of a request. It is called only after verification, so that nothing unverified is parsed.</summary>
    public abstract WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body);
}

/// <summary>What a scheme needs to verify a request, except the body.</summary>
internal readonly ref struct SignedHeaders
{
    public required IHeaderDictionary Headers { get; init; }

    public required IReadOnlyList<string> Secrets { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required TimeSpan Tolerance { get; init; }
}

/// <summary>A verification in progress. It takes the body piece by piece and then tells whether the signature is valid.</summary>
internal class SignatureCheck : IDisposable
{
    /// <summary>A check that always passes, for schemes that sign no body and have already verified everything.</summary>
    public static SignatureCheck Passed { get; } = new();

    /// <summary>A value that identifies the signed bytes, set by <see cref="Complete"/>; <c>null</c> if nothing is signed.</summary>
    public byte[]? Proof { get; protected set; }

    /// <summary>Adds the next bytes of the body.</summary>
    public virtual void Append(ReadOnlySpan<byte> body)
    {
    }

    /// <summary>Ends the body and returns the verdict.</summary>
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

/// <summary>The facts that a verified request states about itself.</summary>
/// <param name="Id">The sender's id; <c>null</c> if it gives none.</param>
/// <param name="EventType">The event type; empty if the sender gives none.</param>
/// <param name="Challenge">A text that the sender expects back (Slack). The request is then not published. Otherwise <c>null</c>.</param>
internal readonly record struct WebhookFacts(string? Id, string EventType, string? Challenge = null);
