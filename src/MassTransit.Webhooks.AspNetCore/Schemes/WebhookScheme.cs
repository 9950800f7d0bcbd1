using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// How one kind of sender proves who it is and describes its webhooks. Derive from it for a sender that
/// <see cref="WebhookReceiverBuilder"/> has no method for and that <see cref="WebhookReceiverBuilder.Hmac"/> cannot declare, and give it to
/// <see cref="WebhookReceiverBuilder.Scheme"/>.
/// </summary>
/// <remarks>
/// The ingress calls <see cref="Precheck"/> before it reads the body, <see cref="VerifyAsync"/> with the body, and <see cref="Describe"/>
/// only if the sender has proven itself. An instance serves all requests of a receiver at the same time. It does not throw because of what
/// a request contains; an exception is answered with 503 (<c>internal-error</c>), and the sender tries again.
/// <see cref="WebhookSchemeKit"/> tries a scheme with what attackers and proxies do.
/// </remarks>
public abstract class WebhookScheme
{
    /// <summary>The longest body that is accepted if neither the receiver nor its sender's scheme says otherwise, in bytes.</summary>
    internal const int DefaultMaxBodyBytes = 1024 * 1024;

    static readonly WebhookAnswer Accepted = WebhookAnswer.Empty(StatusCodes.Status202Accepted);

    /// <summary>Whether a receiver with this scheme needs a secret. Default: <c>true</c>.</summary>
    public virtual bool NeedsSecret => true;

    /// <summary>The headers that prove the sender. They are never published. Default: none.</summary>
    public virtual IReadOnlyList<string> ProofHeaders => [];

    /// <summary>
    /// Whether a signed time limits how long a captured request is valid. <see cref="WebhookReceiverOptions.DuplicateWindow"/> must be
    /// twice as long as the tolerance then. Default: <c>false</c>.
    /// </summary>
    public virtual bool SignsTimestamp => false;

    /// <summary>
    /// Whether the sender gives its id in a header that is not signed. A request without that header then does not come from such a sender,
    /// and its signed bytes are not remembered. Default: <c>false</c>.
    /// </summary>
    public virtual bool HasIdHeader => false;

    /// <summary>
    /// The replay protection that applies if the receiver sets none and the id is not signed. Default:
    /// <see cref="WebhookReplayProtection.None"/>.
    /// </summary>
    public virtual WebhookReplayProtection ReplayProtection => WebhookReplayProtection.None;

    /// <summary>
    /// What this kind of sender takes for a success, if the receiver sets nothing else. Default: 202 without a body.
    /// </summary>
    public virtual WebhookAnswer Success => Accepted;

    /// <summary>
    /// The longest body of this kind of sender, in bytes, if <see cref="WebhookReceiverOptions.MaxBodyBytes"/> is not set. Default: 1 MiB.
    /// </summary>
    public virtual int MaxBodyBytes => DefaultMaxBodyBytes;

    /// <summary>
    /// The methods besides <c>POST</c> by which this kind of sender asks whether the receiver is there. They are handed to
    /// <see cref="AnswerAsync"/>; all others are answered with 405. Default: none.
    /// </summary>
    public virtual IReadOnlyList<string> ChallengeMethods => [];

    /// <summary>
    /// Whether the sender asks with one of <see cref="WebhookReceiverOptions.VerifyTokens"/>, so that a receiver without any could not be
    /// set up. Default: <c>false</c>.
    /// </summary>
    public virtual bool NeedsVerifyToken => false;

    /// <summary>
    /// The error of a configured secret, as the end of a sentence and without the secret itself; <c>null</c> if there is none. Default: no
    /// secret is empty, and none has white space, quotes or a byte order mark around it.
    /// </summary>
    /// <param name="secret">The secret.</param>
    public virtual string? FindSecretError(string secret) => SecretText.FindError(secret);

    /// <summary>The length of a valid secret's key, in bytes. Below 16 it is refused or warned of. Default: that of its UTF-8.</summary>
    /// <param name="secret">The secret.</param>
    public virtual int CountSecretBytes(string secret) => System.Text.Encoding.UTF8.GetByteCount(secret);

    /// <summary>
    /// Checks the headers alone, before any byte of the body is read and anything is computed: whether the signature can be read and the
    /// time is inside the window. The result reveals this machine's clock to anyone, but so does the <c>Date</c> header of every answer.
    /// Default: <see cref="WebhookVerdict.Accepted"/>.
    /// </summary>
    /// <param name="request">The request, without body and secrets.</param>
    /// <returns><see cref="WebhookVerdict.Accepted"/>: the request goes on.</returns>
    public virtual WebhookVerdict Precheck(WebhookRequest request) => WebhookVerdict.Accepted;

    /// <summary>Verifies a request with its whole body. Does all of <see cref="Precheck"/> too, so that it can be called alone.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">
    /// Cancelled when <see cref="WebhookReceiverOptions.EnqueueTimeout"/> has passed, for schemes that fetch a key.
    /// </param>
    /// <returns><see cref="WebhookVerdict.Accepted"/>: the sender has proven itself.</returns>
    public abstract ValueTask<WebhookVerification> VerifyAsync(WebhookRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads the facts of a request. It is called only after verification, so that nothing unverified is parsed.</summary>
    /// <param name="request">The request.</param>
    /// <param name="verification">The result of <see cref="VerifyAsync"/>.</param>
    public abstract WebhookFacts Describe(WebhookRequest request, WebhookVerification verification);

    /// <summary>
    /// Answers a request by one of the <see cref="ChallengeMethods"/>. It is never published. Default: <c>null</c>.
    /// </summary>
    /// <param name="request">The request, without a body.</param>
    /// <param name="cancellationToken">Cancelled when <see cref="WebhookReceiverOptions.EnqueueTimeout"/> has passed.</param>
    /// <returns>The answer; <c>null</c> if the request proves nothing, which is answered with 403 (<c>challenge-refused</c>).</returns>
    public virtual ValueTask<WebhookAnswer?> AnswerAsync(WebhookRequest request, CancellationToken cancellationToken = default) => default;
}

/// <summary>A scheme that waits for nothing.</summary>
internal abstract class ImmediateScheme : WebhookScheme
{
    public sealed override ValueTask<WebhookVerification> VerifyAsync(WebhookRequest request,
        CancellationToken cancellationToken = default) =>
        new(Verify(request));

    public abstract WebhookVerification Verify(WebhookRequest request);
}
