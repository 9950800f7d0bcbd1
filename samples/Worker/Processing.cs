using MassTransit;

namespace Worker;

/// <summary>The bus and its processors.</summary>
static class Processing
{
    public static void AddProcessing(this WebApplicationBuilder builder)
    {
        var settings = WorkerSettings.Read(builder.Configuration);
        builder.Services.AddSingleton(settings);
        builder.Services.AddMassTransit(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                w.AddProcessor<ShopHooks>(p =>
                {
                    p.Workers = settings.Workers;
                    p.BatchSize = settings.BatchSize;
                    // What fails is tried again at once for a hiccup, and later for an outage; then it is a dead letter.
                    p.Retry(r => r.Exponential(3, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(100)));
                    p.Redelivery(r => r.Intervals(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)));
                });
            });
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(settings.RedisUrl, h => h.KeyPrefix(settings.KeyPrefix));
                cfg.ConfigureEndpoints(context);
            });
        });
    }
}
