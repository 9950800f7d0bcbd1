using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

public static class TelemetryUse
{
    public static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddOpenTelemetry().AddWebhookTelemetry();
    }
}
