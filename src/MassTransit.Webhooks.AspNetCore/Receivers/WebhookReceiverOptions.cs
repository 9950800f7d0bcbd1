namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// How one receiver takes webhooks in. Named options, by the receiver's name, read at each request: a change of the
/// configuration (a secret that is rotated) holds from the next request on, without a restart.
/// </summary>
public sealed class WebhookReceiverOptions
{
    /// <summary>Below that a secret can be found by trying, from one captured request.</summary>
    internal const int ShortestSecret = 16;

    /// <summary>
    /// The secrets, any of which a signature may be made with: two of them while one is being rotated. Required, unless
    /// <see cref="WebhookReceiverBuilder.SecretsFrom{TProvider}"/> or <see cref="WebhookReceiverBuilder.AllowUnsigned"/> is called.
    /// Standard Webhooks: <c>whsec_</c> and base64; all others: the text as the sender shows it, without white space, quotes or a byte order mark
    /// around it: with them the receiver does not start.
    /// </summary>
    public IList<string> Secrets { get; } = [];

    /// <summary>
    /// Whether a secret may be shorter than 16 bytes. Default <c>false</c>: one that comes from configuration keeps the receiver from starting, one that is
    /// added in code is complained of in the log and in health. <c>true</c>, for senders that give no longer ones: who has captured a request finds it by trying.
    /// </summary>
    public bool AllowShortSecrets { get; set; }

    /// <summary>
    /// How far a signed timestamp may be from this machine's clock, to either side, the edges included. Default 300 s. Longer: a
    /// captured request can be repeated for longer. Shorter: a clock that is a little wrong refuses everything. Of no effect for
    /// senders that sign no timestamp.
    /// </summary>
    public TimeSpan Tolerance { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>The priority that the webhooks are published with, 0 (the default) to 255, higher is more urgent.</summary>
    public int Priority { get; set; }

    /// <summary>The longest body that is taken, in bytes. Default 1 MiB. It is held in memory, once for each request in progress.</summary>
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>Whether a request without a body is a webhook. Default <c>false</c>: it is refused.</summary>
    public bool AllowEmptyBody { get; set; }

    /// <summary>The content types that are taken, without parameters, such as <c>application/json</c>. Default: none named, all are taken.</summary>
    public IList<string> ContentTypes { get; } = [];

    /// <summary>
    /// How long the broker may take to confirm a webhook; then the sender is asked to try again later. Default 10 s, which is
    /// what senders wait. Longer: the sender has given up before. Shorter: a busy broker stores what is then sent again.
    /// </summary>
    public TimeSpan EnqueueTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an accepted webhook is remembered, so that a repeat of it is not published again. Default 24 h: most senders
    /// repeat within a day. Longer: more memory (about 150 bytes a key, two or three a webhook). Shorter, or a repeat that comes later: it is
    /// published again, as a message with the same id.
    /// </summary>
    public TimeSpan DuplicateWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Whether <see cref="DuplicateWindow"/> may be shorter than twice the <see cref="Tolerance"/>, for senders that sign a timestamp. Default <c>false</c>: the
    /// receiver does not start, since a captured request could be forgotten while its timestamp is still good.
    /// </summary>
    public bool AllowShortDuplicateWindow { get; set; }

    /// <summary>
    /// Whether equal bodies are one webhook, where the sender gives no id. Default <c>false</c>: nothing says so, and each is published; a sender that
    /// repeats one has it processed twice. <c>true</c>: the body's hash is the id, and two equal webhooks that are both meant are one. With another event type,
    /// query or tenant they stay two.
    /// </summary>
    public bool EqualBodiesAreRepeats { get; set; }

    /// <summary>
    /// What is taken for a captured request that somebody sends again under another id; of no effect where the id is signed. Default <c>null</c>, as fits
    /// the sender: GitHub <see cref="WebhookReplayProtection.AnyEventType"/>; Shopify, and a declared HMAC with an id header that is not signed,
    /// <see cref="WebhookReplayProtection.SameEventType"/>; a declared HMAC without one none. Such a request is answered 200 (<c>replayed</c>). Two equal
    /// bodies of one sender that are both meant are one then; <see cref="WebhookReplayProtection.None"/> has both published, and every captured one.
    /// </summary>
    public WebhookReplayProtection? ReplayProtection { get; set; }

    /// <summary>
    /// The status that answers an accepted webhook: 200, 202 or 204. Default <c>null</c>, as the sender asks for: Slack and Shopify 200, others 202. Some take
    /// nothing but 200 for success, and repeat a webhook that was answered otherwise. A repeat is answered 200.
    /// </summary>
    public int? AcceptedStatus { get; set; }

    /// <summary>What a sender is told to wait when it has to try again (<c>Retry-After</c>), in whole seconds. Default 5 s.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the sender may say which trace a webhook belongs to, whether that is recorded, and what baggage goes with it (<c>traceparent</c>,
    /// <c>tracestate</c>, <c>baggage</c>). Default <c>false</c>: the webhook has a trace of its own, linked to the sender's; this application's sampler
    /// decides, and baggage is dropped. <c>true</c> is for senders of your own: it is believed before the signature is verified.
    /// </summary>
    public bool TrustTraceContext { get; set; }

    /// <summary>
    /// The request headers that become <see cref="Webhook.Headers"/>, in any case; a <c>*</c> at the end stands for any ending.
    /// Default: those by which the usual senders describe a delivery, and trace context. What a scheme proves itself by, and signatures, tokens, secrets, keys,
    /// sessions, cookies and authorization are never taken, whatever is listed here, as far as their names or values (<c>Bearer …</c>, a JSON web token) show what they
    /// are. Under other names they are taken where they match: list names and the prefixes of the sender's own.
    /// </summary>
    public IList<string> Headers { get; } =
    [
        "user-agent", "content-encoding", "traceparent", "tracestate", "x-request-id", "idempotency-key",
        "webhook-id", "webhook-timestamp", "svix-id", "svix-timestamp",
        "x-github-*", "x-gitlab-*", "x-shopify-*", "x-slack-*", "ce-*"
    ];

    /// <summary>
    /// Whether <see cref="Headers"/> may have <c>*</c> or <c>x-*</c>. Default <c>false</c>: the receiver does not start. <c>true</c>: credentials under names that
    /// nobody has thought of, a proxy's say, go into messages, and to whoever reads them.
    /// </summary>
    public bool AllowAllHeaders { get; set; }
}
