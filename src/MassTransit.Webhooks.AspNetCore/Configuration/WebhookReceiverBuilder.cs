using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Configures one receiver: how it verifies senders, and how it publishes accepted webhooks.</summary>
public sealed class WebhookReceiverBuilder
{
    readonly ReceiverDefinition _definition;

    internal WebhookReceiverBuilder(IServiceCollection services, ReceiverDefinition definition)
    {
        Services = services;
        _definition = definition;
    }

    /// <summary>The receiver's name, as in the address.</summary>
    public string Name => _definition.Name;

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Verifies senders by a scheme of your own. Known senders have methods of their own (<c>GitHub()</c>, <c>Stripe()</c>, and the others
    /// of <see cref="WebhookSenderExtensions"/>), and many further ones can be declared with <see cref="Hmac"/>.
    /// </summary>
    /// <param name="scheme">The scheme. It serves all requests of the receiver at the same time.</param>
    /// <param name="configure">Adds the secrets and sets other options.</param>
    /// <exception cref="InvalidOperationException">The receiver has a scheme already.</exception>
    public WebhookReceiverBuilder Scheme(WebhookScheme scheme, Action<WebhookReceiverOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        if (_definition.Scheme is not null)
            throw new InvalidOperationException(
                $"The webhook receiver '{Name}' has a scheme already: add a receiver of another name for another sender.");
        _definition.Scheme = scheme;
        return configure is null ? this : Configure(configure);
    }

    /// <summary>Verifies a signature by a keyed hash (HMAC) that you declare.</summary>
    /// <param name="declare">Sets where the signature is and what is signed.</param>
    /// <param name="configure">Adds the secrets and sets other options.</param>
    /// <exception cref="ArgumentException">
    /// The declaration has no header, does not sign the body or the timestamp that it names, or could be read in more than one way.
    /// </exception>
    public WebhookReceiverBuilder Hmac(Action<WebhookHmacOptions> declare, Action<WebhookReceiverOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(declare);
        var options = new WebhookHmacOptions();
        declare(options);
        return Scheme(new HmacScheme(options), configure);
    }

    /// <summary>
    /// Verifies a shared token in a header. A token proves the sender but not the body, so prefer a signature if the sender has one.
    /// </summary>
    /// <param name="declare">Sets where the token is. <c>null</c>: as GitLab sends it.</param>
    /// <param name="configure">Adds the tokens as secrets and sets other options.</param>
    public WebhookReceiverBuilder Token(Action<WebhookTokenOptions>? declare = null, Action<WebhookReceiverOptions>? configure = null)
    {
        var options = new WebhookTokenOptions();
        declare?.Invoke(options);
        return Scheme(new TokenScheme(options), configure);
    }

    /// <summary>
    /// Verifies nothing: anyone who knows the address can publish anything. Use it only in networks that are closed by other means. A
    /// warning is logged at each start.
    /// </summary>
    /// <param name="idHeader">The header with the webhook's id. <c>null</c>: each webhook gets a new id.</param>
    /// <param name="eventTypeHeader">The header with the event type. <c>null</c>: the event type is empty.</param>
    public WebhookReceiverBuilder AllowUnsigned(string? idHeader = null, string? eventTypeHeader = null) =>
        Scheme(new UnsignedScheme(idHeader, eventTypeHeader));

    /// <summary>
    /// Takes the secrets from a provider, which is called for each request, instead of from <see cref="WebhookReceiverOptions.Secrets"/>.
    /// </summary>
    /// <typeparam name="TProvider">The provider. It is registered as a singleton unless you have already registered it.</typeparam>
    public WebhookReceiverBuilder SecretsFrom<TProvider>() where TProvider : class, IWebhookSecretProvider
    {
        Services.TryAddSingleton<TProvider>();
        _definition.SecretProvider = typeof(TProvider);
        return this;
    }

    /// <summary>
    /// Takes customers from a store, each with an address of its own (<c>/webhooks/{receiver}/{tenant}</c>) and secrets, instead of
    /// <see cref="WebhookReceiverOptions.Secrets"/>. What the store answers is remembered for
    /// <see cref="WebhookReceiverOptions.TenantLifetime"/>, so thousands of customers need no restart and few lookups.
    /// </summary>
    /// <typeparam name="TStore">The store. It is registered as a singleton unless you have already registered it.</typeparam>
    public WebhookReceiverBuilder TenantsFrom<TStore>() where TStore : class, IWebhookReceiverStore
    {
        Services.TryAddSingleton<TStore>();
        _definition.TenantStore = typeof(TStore);
        return this;
    }

    /// <summary>Sets the priority that the webhooks are published with.</summary>
    /// <param name="priority">0 (the default) to 255; a higher one is more urgent.</param>
    public WebhookReceiverBuilder Priority(int priority) => Configure(x => x.Priority = priority);

    /// <summary>
    /// Sets which customer a webhook belongs to, if one receiver serves several. Default: the segment <c>{tenant}</c> of the address, if
    /// the pattern of <c>MapWebhooks</c> has one.
    /// </summary>
    /// <param name="select">
    /// Returns the tenant of a request. It is called before verification, since the secrets may depend on it, so whoever sends the request
    /// chooses what it sees.
    /// </param>
    public WebhookReceiverBuilder Tenant(Func<HttpContext, string?> select)
    {
        ArgumentNullException.ThrowIfNull(select);
        _definition.Tenant = select;
        return this;
    }

    /// <summary>
    /// Limits the number of requests in a window; further senders are asked to wait (429). Requests are counted before verification, so
    /// that a flood costs little; but a flood can also use up the permits that the real sender needs. Default: no limit.
    /// </summary>
    /// <param name="permits">How many requests this process accepts in one window.</param>
    /// <param name="window">The length of the window.</param>
    public WebhookReceiverBuilder RateLimit(int permits, TimeSpan window) =>
        RateLimit(() => new FixedWindowRateLimiter(new FixedWindowRateLimiterOptions
        {
            PermitLimit = permits,
            Window = window,
            QueueLimit = 0
        }));

    /// <summary>Limits the requests by your own limiter. Each request takes one permit and holds it until it is answered.</summary>
    /// <param name="create">Creates the limiter. It is disposed with the application.</param>
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
    /// Configures the receiver from configuration and follows its changes, so that secrets are rotated without a restart. An invalid change
    /// is refused: the last valid options stay in force, and the log and the health check <c>webhook-receivers</c> tell the error.
    /// </summary>
    /// <param name="configuration">The section whose names are those of <see cref="WebhookReceiverOptions"/>.</param>
    public WebhookReceiverBuilder Configure(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Services.Configure<WebhookReceiverOptions>(Name, configuration);
        _definition.Configurations.Add(configuration);
        return this;
    }
}
