using MassTransit.Webhooks.AspNetCore;
using Microsoft.Extensions.Configuration;

namespace MassTransit;

/// <summary>The schemes that the configuration of a receiver may name. The known senders are called as their methods are.</summary>
public sealed class WebhookSchemes
{
    readonly Dictionary<string, Action<WebhookReceiverBuilder, IConfigurationSection>> _schemes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Hmac"] = static (r, section) => r.Hmac(options => section.GetSection("Hmac").Bind(options, Strict)),
        ["Token"] = static (r, section) => r.Token(options => section.GetSection("Token").Bind(options, Strict)),
        ["Basic"] = static (r, section) => r.Basic(idHeader: section["IdHeader"], eventTypeHeader: section["EventTypeHeader"]),
        ["CloudEvents"] = static (r, section) => r.CloudEvents(section.GetSection("Origins").Get<string[]>()),
        ["Unsigned"] = static (r, section) => r.AllowUnsigned(section["IdHeader"], section["EventTypeHeader"]),
        ["StandardWebhooks"] = static (r, section) =>
            r.StandardWebhooks(secrets: section.GetValue("SecretEncoding", WebhookSecretEncoding.Base64)),
        ["Asana"] = static (r, _) => r.Asana(),
        ["GitHub"] = static (r, _) => r.GitHub(),
        ["Stripe"] = static (r, _) => r.Stripe(),
        ["Slack"] = static (r, _) => r.Slack(),
        ["Shopify"] = static (r, _) => r.Shopify(),
        ["Twilio"] = static (r, _) => r.Twilio(),
        ["Square"] = static (r, _) => r.Square(),
        ["Paddle"] = static (r, _) => r.Paddle(),
        ["Zendesk"] = static (r, _) => r.Zendesk(),
        ["Twitch"] = static (r, _) => r.Twitch(),
        ["HubSpot"] = static (r, _) => r.HubSpot(),
        ["Intercom"] = static (r, _) => r.Intercom(),
        ["Trello"] = static (r, _) => r.Trello(),
        ["PagerDuty"] = static (r, _) => r.PagerDuty(),
        ["DocuSign"] = static (r, _) => r.DocuSign(),
        ["Calendly"] = static (r, _) => r.Calendly(),
        ["Zoom"] = static (r, _) => r.Zoom(),
        ["Meta"] = static (r, _) => r.Meta(),
        ["Dropbox"] = static (r, _) => r.Dropbox(),
        ["Line"] = static (r, _) => r.Line(),
        ["Typeform"] = static (r, _) => r.Typeform(),
        ["Xero"] = static (r, _) => r.Xero(),
        ["Telegram"] = static (r, _) => r.Telegram(),
        ["GitLab"] = static (r, _) => r.GitLab(),
        ["Bitbucket"] = static (r, _) => r.Bitbucket(),
        ["Linear"] = static (r, _) => r.Linear(),
        ["Monday"] = static (r, _) => r.Monday(),
        ["Mailgun"] = static (r, _) => r.Mailgun(),
        ["EventGrid"] = static (r, _) => r.EventGrid(),
        ["MicrosoftGraph"] = static (r, _) => r.MicrosoftGraph(),
    };

    /// <summary>A declaration with a name that is none would silently declare something else.</summary>
    static void Strict(BinderOptions options) => options.ErrorOnUnknownConfiguration = true;

    internal WebhookSchemes()
    {
    }

    /// <summary>The names, in order.</summary>
    public IReadOnlyCollection<string> Names => [.. _schemes.Keys.Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Adds a scheme of your own, or of another package.</summary>
    /// <param name="name">The name that <c>Scheme</c> of a receiver has. Case is ignored.</param>
    /// <param name="use">Gives the receiver its scheme. It gets the receiver's section, for options of the scheme.</param>
    /// <exception cref="ArgumentException">The name is blank, or there is a scheme of that name.</exception>
    public WebhookSchemes Add(string name, Action<WebhookReceiverBuilder, IConfigurationSection> use)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(use);
        return _schemes.TryAdd(name, use) ? this
            : throw new ArgumentException($"There is a scheme '{name}' already: choose another name.", nameof(name));
    }

    internal Action<WebhookReceiverBuilder, IConfigurationSection>? Find(string? name) =>
        name is null ? null : _schemes.GetValueOrDefault(name.Trim());
}
