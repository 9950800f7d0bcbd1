using MassTransit.Webhooks.AspNetCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MassTransit;

/// <summary>Adds the receivers that the configuration names.</summary>
public static class ConfiguredReceivers
{
    /// <summary>
    /// Adds a receiver for each child of a section (<c>Webhooks:Receivers</c>): its name is that of the child, <c>Scheme</c> names its
    /// sender (<c>GitHub</c>, <c>Stripe</c>, <c>Hmac</c> with a section <c>Hmac</c>, and the others of <see cref="WebhookSchemes.Names"/>),
    /// and all else is <see cref="WebhookReceiverOptions"/>. Changes of the options take effect with the next request; receivers that are
    /// added or removed, and changes of their schemes, with the next start.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="receivers">The section.</param>
    /// <param name="schemes">Adds schemes that the configuration may name. Default <c>null</c>: the known ones alone.</param>
    /// <exception cref="OptionsValidationException">
    /// The section has no receiver, or one of them has no scheme, one that is not known, or one that is declared wrongly.
    /// </exception>
    public static IServiceCollection AddWebhookReceivers(this IServiceCollection services, IConfigurationSection receivers,
        Action<WebhookSchemes>? schemes = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(receivers);
        var known = new WebhookSchemes();
        schemes?.Invoke(known);
        var sections = receivers.GetChildren().ToList();
        if (sections.Count == 0)
        {
            throw Wrong(receivers.Path, $"There is no webhook receiver: add one to the configuration, such as "
                + $"{receivers.Path.Replace(":", "__", StringComparison.Ordinal)}__github__Scheme=GitHub.");
        }

        foreach (var section in sections)
            Add(services, section, known);
        return services;
    }

    static void Add(IServiceCollection services, IConfigurationSection section, WebhookSchemes known)
    {
        if (known.Find(section["Scheme"]) is not { } use)
        {
            throw Wrong(section.Key, $"The scheme of the webhook receiver '{section.Key}' is '{section["Scheme"]}': write one of "
                + $"{string.Join(", ", known.Names)}.");
        }

        try
        {
            services.AddWebhookReceiver(section.Key, r =>
            {
                use(r, section);
                r.Configure(section);
            });
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // A declaration that contradicts itself, or a value that is none of its kind. Neither message has a secret: schemes have none.
            throw Wrong(section.Key, $"The webhook receiver '{section.Key}' is declared wrongly: {exception.Message}");
        }
    }

    static OptionsValidationException Wrong(string name, string message) => new(name, typeof(WebhookReceiverOptions), [message]);
}
