namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// What a <see cref="WebhookScheme"/> says of a request. Each one is an answer to the sender, a metric and a line in the log.
/// </summary>
public enum WebhookVerdict
{
    /// <summary>The sender has one of the secrets.</summary>
    Accepted,

    /// <summary>The header with the signature or the token is not there. Answered with 401 (<c>signature-missing</c>).</summary>
    SignatureMissing,

    /// <summary>The signature cannot be read, or its header comes twice. Answered with 401 (<c>signature-malformed</c>).</summary>
    SignatureMalformed,

    /// <summary>The id is signed and not there. Answered with 400 (<c>id-missing</c>).</summary>
    IdMissing,

    /// <summary>The id is signed, and comes twice or could be read in more than one way. Answered with 400 (<c>id-malformed</c>).</summary>
    IdMalformed,

    /// <summary>The time of sending is signed and not there. Answered with 400 (<c>timestamp-missing</c>).</summary>
    TimestampMissing,

    /// <summary>The time of sending cannot be read, or comes twice. Answered with 400 (<c>timestamp-malformed</c>).</summary>
    TimestampMalformed,

    /// <summary>No secret makes this signature. Answered with 401 (<c>signature-mismatch</c>).</summary>
    SignatureMismatch,

    /// <summary>
    /// The signed time is further away than <see cref="WebhookRequest.Tolerance"/>. Answered with 401 (<c>timestamp-outside-window</c>).
    /// </summary>
    TimestampOutsideWindow,

    /// <summary>
    /// There is no secret or key that can be used now. Answered with 503 (<c>secrets-unavailable</c>), so that the sender tries again.
    /// </summary>
    SecretsUnavailable
}

/// <summary>The result of <see cref="WebhookScheme.VerifyAsync"/>.</summary>
/// <param name="Verdict">Whether the sender has proven itself, or why not.</param>
public readonly record struct WebhookVerification(WebhookVerdict Verdict)
{
    /// <summary>
    /// A value that is the same for equal signed bytes, such as the code itself. A request that is sent again under another id is
    /// recognized by it. Default <c>null</c>: nothing is signed.
    /// </summary>
    public byte[]? Proof { get; init; }

    /// <summary>
    /// The secret that was the right one, for schemes that answer with it (Zoom). It is never logged. Default <c>null</c>.
    /// </summary>
    public string? Secret { get; init; }

    /// <summary>A refusal.</summary>
    public static implicit operator WebhookVerification(WebhookVerdict verdict) => new(verdict);

    /// <summary>The verdict alone: a secret is in no text.</summary>
    public override string ToString() => Verdict.ToString();
}
