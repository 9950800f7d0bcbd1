using MassTransit;
using MassTransit.Webhooks.AspNetCore;
using Microsoft.Extensions.Options;

namespace Ingress;

/// <summary>
/// The receivers of the configuration: <c>Webhooks:Receivers:name</c>, with a scheme and what <see cref="WebhookReceiverOptions"/> has.
/// Secrets come from the environment (<c>Webhooks__Receivers__github__Secrets__0</c>) or a vault, never from appsettings.json.
/// A receiver without one keeps the process from starting.
/// </summary>
static class Receivers
{
    const string Section = "Webhooks:Receivers";

    public static void AddReceivers(this WebApplicationBuilder builder)
    {
        var receivers = builder.Configuration.GetSection(Section).GetChildren().ToList();
        if (receivers.Count == 0)
            throw Wrong(Section, $"There is no webhook receiver: add one to the configuration, such as "
                + $"{Section.Replace(":", "__", StringComparison.Ordinal)}__github__Scheme=GitHub.");
        foreach (var receiver in receivers)
            builder.Services.AddWebhookReceiver(receiver.Key, r => Use(r, receiver["Scheme"]).Configure(receiver));
    }

    static WebhookReceiverBuilder Use(WebhookReceiverBuilder receiver, string? scheme) => scheme switch
    {
        "StandardWebhooks" => receiver.StandardWebhooks(),
        "GitHub" => receiver.GitHub(),
        "Stripe" => receiver.Stripe(),
        "Slack" => receiver.Slack(),
        "Shopify" => receiver.Shopify(),
        _ => throw Wrong(receiver.Name, $"The scheme of the webhook receiver '{receiver.Name}' is '{scheme}': write StandardWebhooks, "
            + "GitHub, Stripe, Slack or Shopify."),
    };

    static OptionsValidationException Wrong(string name, string message) => new(name, typeof(WebhookReceiverOptions), [message]);
}
