using MassTransit;
using Microsoft.Extensions.Options;

namespace Ingress;

/// <summary>The bus, on which this process only publishes.</summary>
static class Bus
{
    public static void AddBus(this WebApplicationBuilder builder)
    {
        var url = builder.Configuration["Redis:Url"] is { Length: > 0 } value
            ? value
            : throw new OptionsValidationException("Redis:Url", typeof(string),
                ["Redis:Url is '': write an address such as redis://localhost:6379/0 (REDIS_URL)."]);
        var prefix = builder.Configuration["Redis:KeyPrefix"] ?? "webhooks";

        builder.Services.AddMassTransit(x =>
        {
            x.AddWebhooks(w => w.UseRedis());
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(url, h => h.KeyPrefix(prefix));
                cfg.ConfigureEndpoints(context);
            });
        });
        // Shared by all processes of the ingress: a repeat may come to another one.
        builder.Services.AddRedisDeduplication();
    }
}
