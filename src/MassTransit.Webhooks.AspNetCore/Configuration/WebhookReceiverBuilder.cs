using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Configures one receiver: whom it believes, and what becomes of what it takes in.</summary>
public sealed class WebhookReceiverBuilder
{
    readonly ReceiverDefinition _definition;

    internal WebhookReceiverBuilder(IServiceCollection services, ReceiverDefinition definition)
    {
        Services = services;
        _definition = definition;
    }

    /// <summary>The receiver's name, as it stands in the address.</summary>
    public string Name => _definition.Name;

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Standard Webhooks 1.0.0 with a shared secret (v1), under the headers <c>webhook-*</c> or <c>svix-*</c>. Id:
    /// <c>webhook-id</c>. Event type: the body's <c>type</c>.
    /// </summary>
    /// <param name="configure">Adds the secrets (<c>whsec_…</c>), and what else is to be configured.</param>
    public WebhookReceiverBuilder StandardWebhooks(Action<WebhookReceiverOptions>? configure = null) => Use(new StandardWebhooksScheme(), configure);

    /// <summary>
    /// GitHub (<c>X-Hub-Signature-256</c>). Id: <c>X-GitHub-Delivery</c>. Event type: <c>X-GitHub-Event</c>. GitHub signs neither a
    /// time nor id and event type: who has captured a request is found out by its signed bytes, within <see cref="WebhookReceiverOptions.DuplicateWindow"/>.
    /// </summary>
    /// <param name="configure">Adds the secrets, and what else is to be configured.</param>
    public WebhookReceiverBuilder GitHub(Action<WebhookReceiverOptions>? configure = null) => Use(new GitHubScheme(), configure);

    /// <summary>Stripe (<c>Stripe-Signature</c>). Id and event type: the body's <c>id</c> and <c>type</c>.</summary>
    /// <param name="configure">Adds the secrets (<c>whsec_…</c>, whole), and what else is to be configured.</param>
    public WebhookReceiverBuilder Stripe(Action<WebhookReceiverOptions>? configure = null) => Use(new StripeScheme(), configure);

    /// <summary>
    /// Slack (<c>X-Slack-Signature</c>). Id: the body's <c>event_id</c>. Event type: that of the event in it. A signed
    /// <c>url_verification</c> is answered, and not published.
    /// </summary>
    /// <param name="configure">Adds the signing secrets, and what else is to be configured.</param>
    public WebhookReceiverBuilder Slack(Action<WebhookReceiverOptions>? configure = null) => Use(new SlackScheme(), configure);

    /// <summary>
    /// Shopify (<c>X-Shopify-Hmac-SHA256</c>). Id: <c>X-Shopify-Webhook-Id</c>. Event type: <c>X-Shopify-Topic</c>. Shopify signs
    /// neither a time nor id and topic: who has captured a request is found out by its signed bytes, within <see cref="WebhookReceiverOptions.DuplicateWindow"/>.
    /// </summary>
    /// <param name="configure">Adds the secrets, and what else is to be configured.</param>
    public WebhookReceiverBuilder Shopify(Action<WebhookReceiverOptions>? configure = null) => Use(new ShopifyScheme(), configure);

    /// <summary>A signature by a keyed hash (HMAC), declared by you.</summary>
    /// <param name="declare">Says where the signature is, and what is signed.</param>
    /// <param name="configure">Adds the secrets, and what else is to be configured.</param>
    /// <exception cref="ArgumentException">The declaration has no header, does not sign the body, does not sign the timestamp it names, or has more than one reading.</exception>
    public WebhookReceiverBuilder Hmac(Action<WebhookHmacOptions> declare, Action<WebhookReceiverOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(declare);
        var options = new WebhookHmacOptions();
        declare(options);
        return Use(new GenericHmacScheme(options), configure);
    }

    /// <summary>A shared token in a header. It proves the sender, but not the body: prefer a signature where there is one.</summary>
    /// <param name="declare">Says where the token is. <c>null</c>: where GitLab puts it.</param>
    /// <param name="configure">Adds the tokens as secrets, and what else is to be configured.</param>
    public WebhookReceiverBuilder Token(Action<WebhookTokenOptions>? declare = null, Action<WebhookReceiverOptions>? configure = null)
    {
        var options = new WebhookTokenOptions();
        declare?.Invoke(options);
        return Use(new TokenScheme(options), configure);
    }

    /// <summary>
    /// Believes everybody: whoever knows the address can have anything published. For networks that are closed by other means.
    /// A warning is logged at each start.
    /// </summary>
    /// <param name="idHeader">The header with the webhook's id. <c>null</c>: each gets one that no other has.</param>
    /// <param name="eventTypeHeader">The header that says what happened. <c>null</c>: the event type is empty.</param>
    public WebhookReceiverBuilder AllowUnsigned(string? idHeader = null, string? eventTypeHeader = null) =>
        Use(new UnsignedScheme(idHeader, eventTypeHeader), null);

    /// <summary>Takes the secrets from a provider, asked at each request, instead of <see cref="WebhookReceiverOptions.Secrets"/>.</summary>
    /// <typeparam name="TProvider">The provider. Registered as a singleton unless you have registered it otherwise.</typeparam>
    public WebhookReceiverBuilder SecretsFrom<TProvider>() where TProvider : class, IWebhookSecretProvider
    {
        Services.TryAddSingleton<TProvider>();
        _definition.SecretProvider = typeof(TProvider);
        return this;
    }

    /// <summary>The priority that the webhooks are published with.</summary>
    /// <param name="priority">0, the default, to 255, higher is more urgent.</param>
    public WebhookReceiverBuilder Priority(int priority) => Configure(x => x.Priority = priority);

    /// <summary>Says whose webhook it is, where one receiver serves several customers.</summary>
    /// <param name="select">Called after verification, with the request; from the route, say.</param>
    public WebhookReceiverBuilder Tenant(Func<HttpContext, string?> select)
    {
        ArgumentNullException.ThrowIfNull(select);
        _definition.Tenant = select;
        return this;
    }

    /// <summary>
    /// Takes no more than so many requests in a window; above, the sender is asked to wait (429). Counted before verification, so
    /// that a flood costs little: it can also use up what the sender would have been granted. Default: no limit.
    /// </summary>
    /// <param name="permits">How many requests, of this process.</param>
    /// <param name="window">In how long.</param>
    public WebhookReceiverBuilder RateLimit(int permits, TimeSpan window) => RateLimit(() => new FixedWindowRateLimiter(new FixedWindowRateLimiterOptions
    {
        PermitLimit = permits,
        Window = window,
        QueueLimit = 0
    }));

    /// <summary>Limits the requests by a limiter of yours; one permit a request, held until it is answered.</summary>
    /// <param name="create">Makes the limiter. It is disposed with the application.</param>
    public WebhookReceiverBuilder RateLimit(Func<RateLimiter> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        _definition.RateLimiter = create;
        return this;
    }

    /// <summary>Configures the receiver further.</summary>
    /// <param name="configure">Changes the options.</param>
    public WebhookReceiverBuilder Configure(Action<WebhookReceiverOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(Name, configure);
        return this;
    }

    /// <summary>
    /// Configures the receiver from configuration, and follows its changes: secrets are rotated without a restart. A change that is not
    /// valid is refused: the last good options stay in force, and the log and the health check <c>webhook-receivers</c> say what is wrong.
    /// </summary>
    /// <param name="configuration">The section that has the names of <see cref="WebhookReceiverOptions"/>.</param>
    public WebhookReceiverBuilder Configure(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Services.Configure<WebhookReceiverOptions>(Name, configuration);
        _definition.Configurations.Add(configuration);
        return this;
    }

    WebhookReceiverBuilder Use(WebhookScheme scheme, Action<WebhookReceiverOptions>? configure)
    {
        if (_definition.Scheme is not null)
            throw new InvalidOperationException($"The webhook receiver '{Name}' has a scheme already: add a receiver of another name for another sender.");
        _definition.Scheme = scheme;
        return configure is null ? this : Configure(configure);
    }
}
