using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// The options of one receiver. They are named options under the receiver's name and are read for each request, so that a change of the
/// configuration (a rotated secret) takes effect from the next request on, without a restart.
/// </summary>
public sealed class WebhookReceiverOptions
{
    /// <summary>The shortest safe secret, in bytes. A shorter one can be found by brute force from one captured request.</summary>
    internal const int ShortestSecret = 16;

    WebhookAnswer? _success;

    /// <summary>
    /// The secrets. A signature by any of them is valid, so set two while one is being rotated. Required, unless
    /// <see cref="WebhookReceiverBuilder.SecretsFrom{TProvider}"/>, <see cref="WebhookReceiverBuilder.TenantsFrom{TStore}"/> or
    /// <see cref="WebhookReceiverBuilder.AllowUnsigned"/> is called.
    /// Standard Webhooks: <c>whsec_</c> and base64. All others: the text as the sender shows it. The receiver does not start if white
    /// space, quotes or a byte order mark are around the text.
    /// </summary>
    public IList<string> Secrets { get; } = [];

    /// <summary>
    /// Whether a secret may be shorter than 16 bytes. Default <c>false</c>: with a short secret from configuration the receiver does not
    /// start; for a short secret in code the log and the health check give a warning. <c>true</c>: for senders that give only short
    /// secrets. Anyone who has captured a request can then find the secret by brute force.
    /// </summary>
    public bool AllowShortSecrets { get; set; }

    /// <summary>
    /// How far a signed timestamp may be before or after this machine's clock, limits included. Default 300 s. Longer: a captured request
    /// can be sent again for longer. Shorter: a clock that is slightly wrong refuses every request. It has no effect for senders that sign
    /// no timestamp.
    /// </summary>
    public TimeSpan Tolerance { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>The priority that the webhooks are published with: 0 (the default) to 255; a higher one is more urgent.</summary>
    public int Priority { get; set; }

    /// <summary>
    /// How long what an <see cref="IWebhookReceiverStore"/> has answered counts, also that there is no such tenant. Default 30 s. Longer: a
    /// secret that was withdrawn is good for longer, and a new tenant is answered with 404 for longer. Shorter: more lookups.
    /// </summary>
    public TimeSpan TenantLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The texts that were given to the sender for its question by <c>GET</c> whether the receiver is there (Meta's <c>Verify token</c>).
    /// Any of them is good. Default: empty; required for senders that ask so.
    /// </summary>
    public IList<string> VerifyTokens { get; } = [];

    /// <summary>
    /// The addresses under which the sender knows the receiver, for senders that sign it (Twilio, Square, HubSpot, Trello). Each is tried.
    /// One without a path (<c>https://hooks.example.com</c>) gets the request's path and query; one with a path gets the request's query if
    /// it has none. Default: empty, the address of the request, which is right behind a proxy only if ASP.NET Core's forwarded headers are.
    /// An address that is set also refuses requests that were signed for another one.
    /// </summary>
    public IList<string> PublicAddresses { get; } = [];

    /// <summary>
    /// The longest body that is accepted, in bytes, 1 to 1 GiB. Default <c>null</c>: what the sender may send, which is 25 MiB for GitHub
    /// and 1 MiB for others. Each request in progress holds its body in memory once;
    /// <see cref="WebhookIngressOptions.MaxUnverifiedBytes"/> bounds all of them together.
    /// </summary>
    public int? MaxBodyBytes { get; set; }

    /// <summary>Whether a request without a body is accepted. Default <c>false</c>: it is refused.</summary>
    public bool AllowEmptyBody { get; set; }

    /// <summary>
    /// The content types that are accepted, without parameters, such as <c>application/json</c>. Default: empty, all are accepted.
    /// </summary>
    public IList<string> ContentTypes { get; } = [];

    /// <summary>
    /// How long the broker may take to confirm a webhook. After that the sender is asked to try again later. Default 10 s, which is how
    /// long senders wait. Longer: the sender gives up earlier than the receiver. Shorter: a busy broker stores webhooks that are then sent
    /// again.
    /// </summary>
    public TimeSpan EnqueueTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an accepted webhook is remembered, so that a repeat of it is not published again. Default 24 h: most senders repeat within
    /// a day. Longer: more memory (about 150 bytes a key, two or three keys a webhook). Shorter: a repeat that comes later is published
    /// again, as a message with the same id.
    /// </summary>
    public TimeSpan DuplicateWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Whether <see cref="DuplicateWindow"/> may be shorter than twice the <see cref="Tolerance"/>, for senders that sign a timestamp.
    /// Default <c>false</c>: the receiver does not start then, because a webhook could be forgotten while its timestamp is still valid, and
    /// a captured request be accepted again.
    /// </summary>
    public bool AllowShortDuplicateWindow { get; set; }

    /// <summary>
    /// Whether equal bodies are the same webhook, if the sender gives no id. Default <c>false</c>: each one is published, so a webhook that
    /// the sender repeats is processed twice. <c>true</c>: the body's hash is the id, so two different webhooks with equal bodies become
    /// one. With different event types, queries or tenants they remain two.
    /// </summary>
    public bool EqualBodiesAreRepeats { get; set; }

    /// <summary>
    /// Which requests count as captured ones that somebody sends again under another id. It has no effect if the id is signed. Default
    /// <c>null</c>, which depends on the sender: <see cref="WebhookReplayProtection.AnyEventType"/> for GitHub;
    /// <see cref="WebhookReplayProtection.SameEventType"/> for Shopify and for a declared HMAC with an id header that is not signed; none
    /// for a declared HMAC without an id header. Such a request is answered with 200 (<c>replayed</c>) and not published. The cost: a
    /// second webhook of the same sender with an equal body is not published either. <see cref="WebhookReplayProtection.None"/> publishes
    /// both, and also every captured request.
    /// </summary>
    public WebhookReplayProtection? ReplayProtection { get; set; }

    /// <summary>
    /// The status that answers an accepted webhook: 200, 202 or 204. Default <c>null</c>: what the sender expects, which is 202 unless its
    /// method says otherwise. Some senders accept only 200 as success and repeat a webhook that was answered otherwise. A repeat is
    /// answered with 200, or as the first time if there is a <see cref="SuccessBody"/>.
    /// </summary>
    public int? SuccessStatus { get; set; }

    /// <summary>
    /// The body that answers an accepted webhook, for senders that read it. Default <c>null</c>: what the sender expects, which is none for
    /// most. Not with status 204.
    /// </summary>
    public string? SuccessBody { get; set; }

    /// <summary>The content type of <see cref="SuccessBody"/>. Default: <c>application/json</c>.</summary>
    public string SuccessContentType { get; set; } = "application/json";

    /// <summary>How long a sender is told to wait before it tries again (<c>Retry-After</c>), in whole seconds. Default 5 s.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the sender's trace headers are trusted (<c>traceparent</c>, <c>tracestate</c>, <c>baggage</c>): the trace that a webhook
    /// belongs to, whether it is recorded, and its baggage. Default <c>false</c>: the webhook gets a new trace with a link to the sender's,
    /// this application's sampler decides, and the baggage is dropped. Use <c>true</c> only for your own senders, because the headers are
    /// used before the signature is verified.
    /// </summary>
    public bool TrustTraceContext { get; set; }

    /// <summary>
    /// The request headers that become <see cref="Webhook.Headers"/>. Case is ignored, and a <c>*</c> at the end matches any ending.
    /// Default: the headers by which the usual senders describe a delivery, and the trace context. Some headers are never taken, even if
    /// they are listed: those that the scheme verifies, and signatures, tokens, secrets, keys, sessions, cookies and authorization, if
    /// their names or values (<c>Bearer …</c>, a JSON web token) show what they are. A credential under any other name is taken if it
    /// matches, so list full names or the sender's own prefixes.
    /// </summary>
    public IList<string> Headers { get; } =
    [
        "user-agent", "content-encoding", "traceparent", "tracestate", "x-request-id", "idempotency-key",
        "webhook-id", "webhook-timestamp", "svix-id", "svix-timestamp",
        "x-github-*", "x-gitlab-*", "x-shopify-*", "x-slack-*", "ce-*"
    ];

    /// <summary>
    /// Whether <see cref="Headers"/> may contain <c>*</c> or <c>x-*</c>. Default <c>false</c>: the receiver does not start then.
    /// <c>true</c>: credentials under unexpected names, such as those of a proxy, get into messages, and everyone who can read the messages
    /// can read them.
    /// </summary>
    public bool AllowAllHeaders { get; set; }

    /// <summary>
    /// What answers an accepted webhook. The options of a receiver do not change while they are in force, so it is made once.
    /// </summary>
    internal WebhookAnswer SuccessOf(WebhookScheme scheme)
    {
        if (SuccessStatus is null && SuccessBody is null)
            return scheme.Success;
        var status = SuccessStatus ?? scheme.Success.Status;
        return _success ??= SuccessBody is { } body ? WebhookAnswer.Of(body, SuccessContentType, status)
            : scheme.Success.ContentType is { } type && status != StatusCodes.Status204NoContent
                ? WebhookAnswer.Of(Encoding.UTF8.GetString(scheme.Success.Body.Span), type, status)
                : WebhookAnswer.Empty(status);
    }
}
