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

    /// <summary>
    /// Twilio (<c>X-Twilio-Signature</c>), forms and JSON. The address is signed: see <see cref="WebhookReceiverOptions.PublicAddresses"/>.
    /// Id: <c>I-Twilio-Idempotency-Token</c>, which is not signed; of JSON events their <c>id</c>, which is. Event type: <c>EventType</c>,
    /// <c>MessageStatus</c>, <c>SmsStatus</c> or <c>CallStatus</c> of a form, <c>type</c> of JSON. No time is signed. The answer is an
    /// empty <c>&lt;Response&gt;</c>.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the auth token and sets other options.</param>
    public static WebhookReceiverBuilder Twilio(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new TwilioScheme(), configure);

    /// <summary>
    /// Square (<c>x-square-hmacsha256-signature</c>). The address is signed: see <see cref="WebhookReceiverOptions.PublicAddresses"/>. Id
    /// and event type: the body's <c>event_id</c> and <c>type</c>, signed. No time is signed.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the signature key and sets other options.</param>
    public static WebhookReceiverBuilder Square(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(KnownSenders.Square(), configure);

    /// <summary>
    /// Paddle Billing (<c>Paddle-Signature</c>). Id and event type: the body's <c>event_id</c> and <c>event_type</c>. Time and body are
    /// signed.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the endpoint's secret key and sets other options.</param>
    public static WebhookReceiverBuilder Paddle(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(KnownSenders.Paddle(), configure);

    /// <summary>
    /// Zendesk (<c>X-Zendesk-Webhook-Signature</c>). Id: <c>X-Zendesk-Webhook-Invocation-Id</c>, which is not signed. Event type: the
    /// body's <c>type</c>, of event subscriptions. Time and body are signed.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the signing secret and sets other options.</param>
    public static WebhookReceiverBuilder Zendesk(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(KnownSenders.Zendesk(), configure);

    /// <summary>
    /// Twitch's EventSub (<c>Twitch-Eventsub-Message-Signature</c>). Id: <c>Twitch-Eventsub-Message-Id</c>. Event type: the type of the
    /// subscription, or <c>revocation</c> when it has ended. Id, time and body are signed. The question that confirms an address is
    /// answered and not published.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the subscription's secret and sets other options.</param>
    public static WebhookReceiverBuilder Twitch(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new TwitchScheme(), configure);

    /// <summary>
    /// HubSpot (<c>X-HubSpot-Signature-v3</c>). The method and the address are signed: see <see
    /// cref="WebhookReceiverOptions.PublicAddresses"/>. A request has up to 100 events; id and event type are those of the first:
    /// <c>eventId</c>, <c>subscriptionType</c>. Time and body are signed. A repeat has another <c>attemptNumber</c> in its body, so it is
    /// not known again.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the app's client secret and sets other options.</param>
    public static WebhookReceiverBuilder HubSpot(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new HubSpotScheme(), configure);

    /// <summary>
    /// Intercom (<c>X-Hub-Signature</c>, SHA-1). Id and event type: the body's <c>id</c> and <c>topic</c>, signed. No time is signed. Its
    /// question by <c>HEAD</c> is answered.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the app's client secret and sets other options.</param>
    public static WebhookReceiverBuilder Intercom(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new IntercomScheme(), configure);

    /// <summary>
    /// Trello (<c>X-Trello-Webhook</c>, SHA-1). The address is signed: see <see cref="WebhookReceiverOptions.PublicAddresses"/>. Id and
    /// event type: <c>action.id</c> and <c>action.type</c> of the body, signed. No time is signed. Its question by <c>HEAD</c> is answered.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the application's secret and sets other options.</param>
    public static WebhookReceiverBuilder Trello(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new TrelloScheme(), configure);

    /// <summary>
    /// PagerDuty's webhooks v3 (<c>X-PagerDuty-Signature</c>). Id and event type: <c>event.id</c> and <c>event.event_type</c> of the body,
    /// signed. No time is signed.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the subscription's secrets and sets other options.</param>
    public static WebhookReceiverBuilder PagerDuty(this WebhookReceiverBuilder receiver,
        Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(KnownSenders.PagerDuty(), configure);

    /// <summary>
    /// DocuSign Connect in JSON (<c>X-DocuSign-Signature-1</c> to <c>-10</c>, one for each key). Event type: the body's <c>event</c>,
    /// signed. There is no id: a webhook that is repeated is published again. No time is signed.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the Connect keys and sets other options.</param>
    public static WebhookReceiverBuilder DocuSign(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(KnownSenders.DocuSign(), configure);

    /// <summary>
    /// Calendly (<c>Calendly-Webhook-Signature</c>). Event type: the body's <c>event</c>. There is no id: a webhook that is repeated is
    /// published again. Time and body are signed.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the subscription's signing key and sets other options.</param>
    public static WebhookReceiverBuilder Calendly(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(KnownSenders.Calendly(), configure);

    /// <summary>
    /// Zoom (<c>x-zm-signature</c>). Event type: the body's <c>event</c>. There is no id: a webhook that is repeated is published again.
    /// Time and body are signed. <c>endpoint.url_validation</c> is answered and not published.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the app's secret token and sets other options.</param>
    public static WebhookReceiverBuilder Zoom(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new ZoomScheme(), configure);

    /// <summary>
    /// Meta: Facebook, Instagram, Messenger, WhatsApp (<c>X-Hub-Signature-256</c>). Event type: the body's <c>object</c>. There is no id: a
    /// webhook that is repeated is published again. No time is signed. The question by <c>GET</c> is answered if it has one of <see
    /// cref="WebhookReceiverOptions.VerifyTokens"/>, which are required.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the app secret and the verify token and sets other options.</param>
    public static WebhookReceiverBuilder Meta(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new MetaScheme(), configure);

    /// <summary>
    /// Dropbox (<c>X-Dropbox-Signature</c>). There is neither id nor event type, and no time is signed. The question by <c>GET</c> is
    /// answered with its own text.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the app secret and sets other options.</param>
    public static WebhookReceiverBuilder Dropbox(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new DropboxScheme(), configure);

    /// <summary>
    /// LINE's Messaging API (<c>x-line-signature</c>). Id and event type are those of the first event: <c>webhookEventId</c>, <c>type</c>,
    /// signed. No time is signed. A repeat says in its body that it is one, so it is not known again.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the channel secret and sets other options.</param>
    public static WebhookReceiverBuilder Line(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(KnownSenders.Line(), configure);

    /// <summary>
    /// Typeform (<c>Typeform-Signature</c>). Id and event type: the body's <c>event_id</c> and <c>event_type</c>, signed. No time is
    /// signed.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the webhook's secret and sets other options.</param>
    public static WebhookReceiverBuilder Typeform(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(KnownSenders.Typeform(), configure);

    /// <summary>
    /// Xero (<c>x-xero-signature</c>). Id: the body's <c>entropy</c>. Event type: that of the first event. Both are signed, no time is.
    /// Xero's test of the address sends right and wrong signatures, which are answered with 200 and 401.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the webhook's signing key and sets other options.</param>
    public static WebhookReceiverBuilder Xero(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(KnownSenders.Xero(), configure);

    /// <summary>
    /// Telegram's bots (<c>X-Telegram-Bot-Api-Secret-Token</c>). Nothing is signed: the token proves the sender alone. Id: the body's
    /// <c>update_id</c>. Event type: the name of the update, such as <c>message</c>.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the secret token and sets other options.</param>
    public static WebhookReceiverBuilder Telegram(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new TelegramScheme(), configure);

    /// <summary>
    /// GitLab (<c>X-Gitlab-Token</c>). Nothing is signed: the token proves the sender alone. Id: <c>Idempotency-Key</c>, or
    /// <c>X-Gitlab-Event-UUID</c> of older versions. Event type: <c>X-Gitlab-Event</c>.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the secret token and sets other options.</param>
    public static WebhookReceiverBuilder GitLab(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new GitLabScheme(), configure);

    /// <summary>
    /// Bitbucket (<c>X-Hub-Signature</c>, SHA-256). Id: <c>X-Request-UUID</c>. Event type: <c>X-Event-Key</c>. Neither is signed, and no
    /// time is. A captured request that is sent again is recognized by its signed bytes, within <see
    /// cref="WebhookReceiverOptions.DuplicateWindow"/>.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the webhook's secret and sets other options.</param>
    public static WebhookReceiverBuilder Bitbucket(this WebhookReceiverBuilder receiver,
        Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(KnownSenders.Bitbucket(), configure);

    /// <summary>
    /// Linear (<c>Linear-Signature</c>). Id: <c>Linear-Delivery</c>, which is not signed. Event type: the body's <c>type</c>. Body and time
    /// (<c>webhookTimestamp</c> in it) are signed.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the webhook's signing secret and sets other options.</param>
    public static WebhookReceiverBuilder Linear(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new LinearScheme(), configure);

    /// <summary>
    /// monday.com's webhooks of an app (a JSON web token in <c>Authorization</c>). The body is not signed. Id and event type:
    /// <c>event.triggerUuid</c> and <c>event.type</c> of the body. The question that confirms an address is answered if it has the token.
    /// Webhooks made by hand on a board have no token and are refused.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the app's signing secret and sets other options.</param>
    public static WebhookReceiverBuilder Monday(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new MondayScheme(), configure);

    /// <summary>
    /// Mailgun (a signature in the body over a time and a text that is used once). The event itself is not signed. Id and event type:
    /// <c>event-data.id</c> and <c>event-data.event</c>.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the webhook signing key and sets other options.</param>
    public static WebhookReceiverBuilder Mailgun(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new MailgunScheme(), configure);

    /// <summary>
    /// Azure Event Grid in its own schema. Nothing is signed: the proof is a secret in the address (<c>?code=…</c>) or in the header
    /// <c>X-Webhook-Token</c> of the delivery. Id and event type are those of the first event. The validation of a subscription is answered
    /// and not published.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the secret and sets other options.</param>
    public static WebhookReceiverBuilder EventGrid(this WebhookReceiverBuilder receiver,
        Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new EventGridScheme(), configure);

    /// <summary>
    /// Microsoft Graph's change notifications. Nothing is signed: each notification repeats the <c>clientState</c> of its subscription.
    /// Event type: <c>changeType</c> or <c>lifecycleEvent</c> of the first one. There is no id. The question with a <c>validationToken</c>
    /// is answered with its own text. Tokens of rich notifications are not checked.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds the client states and sets other options.</param>
    public static WebhookReceiverBuilder MicrosoftGraph(this WebhookReceiverBuilder receiver,
        Action<WebhookReceiverOptions>? configure = null) =>
        receiver.Scheme(new MicrosoftGraphScheme(), configure);

    /// <summary>
    /// Asana (<c>X-Hook-Signature</c>). Event type: the action of the first event. There is no id: a webhook that is repeated is published
    /// again. No time is signed. When a webhook is made, Asana brings its secret in a request that proves nothing.
    /// </summary>
    /// <param name="receiver">The receiver. Its secrets come from <see cref="WebhookReceiverBuilder.SecretsFrom{TProvider}"/>.</param>
    /// <param name="handshake">
    /// Keeps the secret that Asana brings, if the application is making a webhook just now. Default <c>null</c>: none is taken, and the
    /// secrets are known by other means.
    /// </param>
    /// <param name="configure">Adds secrets that are known and sets other options.</param>
    public static WebhookReceiverBuilder Asana(this WebhookReceiverBuilder receiver, WebhookHandshake? handshake = null,
        Action<WebhookReceiverOptions>? configure = null) => receiver.Scheme(new AsanaScheme(handshake), configure);

    /// <summary>
    /// CloudEvents over HTTP, by a token in <c>Authorization: Bearer</c> or in the parameter <c>access_token</c>. Nothing is signed. Id and
    /// event type: <c>ce-id</c> and <c>ce-type</c>, or <c>id</c> and <c>type</c> of the body. The question by <c>OPTIONS</c> is answered
    /// for the origins that are named.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="origins">
    /// The senders' names that may ask (<c>WebHook-Request-Origin</c>), such as <c>eventgrid.azure.net</c>. Default <c>null</c>: none.
    /// </param>
    /// <param name="configure">Adds the tokens as secrets and sets other options.</param>
    public static WebhookReceiverBuilder CloudEvents(this WebhookReceiverBuilder receiver, IEnumerable<string>? origins = null,
        Action<WebhookReceiverOptions>? configure = null) => receiver.Scheme(new CloudEventsScheme([.. origins ?? []]), configure);

    /// <summary>
    /// HTTP's basic authentication (<c>Authorization: Basic</c>), for senders that offer nothing else. Nothing is signed.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="configure">Adds <c>user:password</c> as secrets and sets other options.</param>
    /// <param name="idHeader">The header with the webhook's id. Default <c>null</c>: each webhook gets a new one.</param>
    /// <param name="eventTypeHeader">The header with the event type. Default <c>null</c>: it is empty.</param>
    public static WebhookReceiverBuilder Basic(this WebhookReceiverBuilder receiver, Action<WebhookReceiverOptions>? configure = null,
        string? idHeader = null, string? eventTypeHeader = null) => receiver.Scheme(new TokenScheme(new WebhookTokenOptions
        {
            Header = "Authorization",
            Prefix = "Basic ",
            IsBasic = true,
            IdHeader = idHeader,
            EventTypeHeader = eventTypeHeader,
        }), configure);
}
