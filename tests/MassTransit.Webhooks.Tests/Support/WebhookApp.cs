using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MassTransit.Webhooks.Tests.Support;

/// <summary>An application with webhooks on a bus.</summary>
sealed class WebhookApp : IAsyncDisposable
{
    readonly IHost _host;

    WebhookApp(IHost host) => _host = host;

    public IWebhookQueue Queue => _host.Services.GetRequiredService<IWebhookQueue>();

    public IServiceProvider Services => _host.Services;

    public IBus Bus => _host.Services.GetRequiredService<IBus>();

    public IWebhookStatistics Statistics => _host.Services.GetRequiredService<IWebhookStatistics>();

    public static Task<WebhookApp> OnRedisAsync(TestServer server, Action<IWebhookConfigurator> webhooks,
        Action<IServiceCollection>? services = null,
        Action<IBusRegistrationContext, IBusFactoryConfigurator>? bus = null) =>
        StartAsync(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                webhooks(w);
            });
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(server.ConfigurationOptions, h => h.KeyPrefix(TestNames.Unique("hooks")));
                bus?.Invoke(context, cfg);
                cfg.ConfigureEndpoints(context);
            });
        }, services);

    public static async Task<WebhookApp> StartAsync(Action<IBusRegistrationConfigurator> register,
        Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(register);
        services?.Invoke(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return new WebhookApp(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}
