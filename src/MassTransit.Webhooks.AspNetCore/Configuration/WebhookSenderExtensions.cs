using MassTransit.Webhooks.AspNetCore;

namespace MassTransit;

/// <summary>
/// The senders that are known. Each method says where the id and the event type of its webhooks come from, and what the signature proves.
/// </summary>
public static class WebhookSenderExtensions
{
    /// <summary>
    /// Standard Webhooks 1.0.0 with a shared secret (v1), under the headers <c>webhook-*</c> or <c>svix-*</c>. Id: <c>webhook-id</c>. Event
    /// type: the body's <c>type</c>. Id, time and body are signed.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the secrets (<c>whsec_…</c>) and sets other options.</param>
    /// <param name="secrets">
    /// How the secrets are read. Default: base64 after <c>whsec_</c>, as the standard says; <see cref="WebhookSecretEncoding.Text"/> for
    /// senders that take the text as it is.
    /// </param>
    public static WebhookReceiverBuilder StandardWebhooks(this WebhookReceiverBuilder receiver,
        Action<WebhookReceiverOptions>? configure = null, WebhookSecretEncoding secrets = WebhookSecretEncoding.Base64) =>
        receiver.Scheme(new StandardWebhooksScheme(secrets), configure);

    /// <summary>
    /// GitHub (<c>X-Hub-Signature-256</c>). Id: <c>X-GitHub-Delivery</c>. Event type: <c>X-GitHub-Event</c>. GitHub does not sign a time,
    /// the id or the event type. A captured request that is sent again is recognized by its signed bytes, within
    /// <see cref="WebhookReceiverOptions.DuplicateWindow"/>. Bodies have up to 25 MiB; a delivery that fails is not repeated.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the secrets and sets other options.</param>
    public static WebhookReceiverBuilder GitHub(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new GitHubScheme(), configure);

    /// <summary>
    /// Stripe (<c>Stripe-Signature</c>). Id and event type: the body's <c>id</c> and <c>type</c>. Time and body are signed.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the secrets (<c>whsec_…</c>, with the prefix) and sets other options.</param>
    public static WebhookReceiverBuilder Stripe(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new StripeScheme(), configure);

    /// <summary>
    /// Slack (<c>X-Slack-Signature</c>). Id: the body's <c>event_id</c>. Event type: that of the event in the body. Time and body are
    /// signed. A signed <c>url_verification</c> is answered and not published.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the signing secrets and sets other options.</param>
    public static WebhookReceiverBuilder Slack(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new SlackScheme(), configure);

    /// <summary>
    /// Shopify (<c>X-Shopify-Hmac-SHA256</c>, or without <c>X-</c>). Id: <c>X-Shopify-Webhook-Id</c>. Event type: <c>X-Shopify-Topic</c>.
    /// Shopify does not sign a time, the id or the topic. A captured request that is sent again is recognized by its signed bytes, within
    /// <see cref="WebhookReceiverOptions.DuplicateWindow"/>.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the secrets and sets other options.</param>
    public static WebhookReceiverBuilder Shopify(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new ShopifyScheme(), configure);
}
