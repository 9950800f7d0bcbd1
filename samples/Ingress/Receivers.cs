using MassTransit;

namespace Ingress;

/// <summary>
/// The receivers of the configuration: <c>Webhooks:Receivers:name</c>, with a scheme and the options of a receiver. Secrets come from the
/// environment (<c>Webhooks__Receivers__github__Secrets__0</c>) or a vault, never from appsettings.json. A receiver without one keeps the
/// process from starting.
/// </summary>
static class Receivers
{
    public static void AddReceivers(this WebApplicationBuilder builder) =>
        builder.Services.AddWebhookReceivers(builder.Configuration.GetSection("Webhooks:Receivers"));
}
