using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

public static class Dashboard
{
    public static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddMassTransit(x =>
        {
            x.AddRedisQueues();
            x.UsingRedis((context, cfg) => cfg.Host("redis://localhost:6379"));
        });
    }

    public static void Map(WebApplication app)
    {
        app.MapRedisDashboard("/ops", o =>
        {
            o.View = "ops-read";
            o.Operate = "ops-write";
        });
    }
}
