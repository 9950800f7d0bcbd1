using MassTransit;
using MassTransit.Webhooks;
using MassTransit.Webhooks.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quickstart.Accounting;
using Quickstart.Display;
using Quickstart.Processing;
using Quickstart.Sending;

namespace Quickstart;

/// <summary>The application: an ingress, a bus on Redis and a processor, in one process.</summary>
sealed class QuickstartApp : IAsyncDisposable
{
    /// <summary>The queue of <see cref="ShopHooks"/>: its name in kebab case.</summary>
    public const string Queue = "shop-hooks";

    /// <summary>Keeps the quickstart apart from whatever else is on a shared Redis.</summary>
    const string KeyPrefix = "quickstart";

    readonly WebApplication _app;
    readonly QuickstartSettings _settings;

    QuickstartApp(WebApplication app, QuickstartSettings settings) => (_app, _settings) = (app, settings);

    public static async Task<QuickstartApp> StartAsync(QuickstartSettings settings, EmbeddedRedis? embedded)
    {
        // MassTransit 8.5 reports endpoint names to its maker unless told not to.
        Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        // The failures here are on purpose: their logs would drown what is shown.
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(settings.IngressUrl, settings.ManagementUrl);
        builder.Services.AddSingleton<Ledger>().AddSingleton<Backend>().AddSingleton<Visitors>();
        Management.Add(builder);
        AddReceivers(builder.Services);
        AddBus(builder.Services, settings, embedded?.ConnectionString ?? settings.RedisUrl!);

        var app = builder.Build();
        try
        {
            Management.Map(app, settings);
            app.MapWebhooks("/webhooks/{receiver}");
            await app.StartAsync();
        }
        catch (Exception exception)
        {
            await app.DisposeAsync();
            if (Explain(exception, settings) is { } explanation)
                throw new QuickstartException(explanation);
            throw;
        }

        Console.WriteLine(embedded is null
            ? "Redis: the server of REDIS_URL."
            : $"Redis: an embedded server on {embedded.EndPoint} (REDIS_URL=redis://localhost:6379 uses a real one).");
        Console.WriteLine($"Ingress: {app.Urls.First()}/webhooks/github and /webhooks/orders.");
        Console.WriteLine($"Processor: {settings.Workers} workers, batches of {settings.BatchSize} (NUM_WORKERS, BATCH_SIZE).");
        Console.WriteLine($"Dashboard: {new Uri(Management.AddressOf(app), Management.Dashboard)} (health and /metrics beside it).");
        return new QuickstartApp(app, settings);
    }

    /// <summary>Shows everything once; then goes on listening until Ctrl+C, unless it is to end.</summary>
    /// <returns>0 where every webhook is accounted for.</returns>
    public async Task<int> RunAsync(bool once)
    {
        var services = _app.Services;
        var ingress = new Uri(_app.Urls.First());
        var stopping = _app.Lifetime.ApplicationStopping;
        var figures = new FigureReader(services.GetRequiredService<Ledger>(), services.GetRequiredService<IWebhookStatistics>(),
            services.GetRequiredService<IWebhookQueue>());
        var demonstration = new Demonstration(services.GetRequiredService<Ledger>(), services.GetRequiredService<Backend>(),
            services.GetRequiredService<IWebhookDeadLetters>(), figures, Screen.Create());
        bool complete;
        try
        {
            complete = await demonstration.RunAsync(ingress, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Console.WriteLine("Stopped before the end: the webhooks are not accounted for.");
            complete = false;
        }

        if (!once && complete)
        {
            services.GetRequiredService<Visitors>().Open();
            await ShowExampleAsync(ingress, stopping);
            Console.WriteLine();
            Console.WriteLine("Listening until Ctrl+C. Send a signed webhook of your own (202; the same one again: 200):");
            Console.WriteLine(CurlLine.Create(ingress));
            await _app.WaitForShutdownAsync();
        }

        return complete ? 0 : 1;
    }

    /// <summary>Everything was repaired: one more webhook fails, to be looked at, and to be replayed in the dashboard.</summary>
    async Task ShowExampleAsync(Uri ingress, CancellationToken cancellationToken)
    {
        var services = _app.Services;
        var example = new LastExample(services.GetRequiredService<Ledger>(), services.GetRequiredService<IWebhookDeadLetters>());
        if (await example.SendAsync(ingress, cancellationToken) is not { } letter)
            return;
        Console.WriteLine();
        Console.WriteLine("One more webhook has failed. Look at it in the dashboard, and purge it there:");
        Console.WriteLine(
            $"{new Uri(Management.AddressOf(_app), $"{Management.Dashboard}/dead/{letter.Queue}/messages/{letter.Key}")}");
        Console.WriteLine(Management.IsTraced(_app.Configuration) && letter.TraceId is { } trace
            ? $"Its trace: {_settings.TraceUrl.Replace("{traceId}", trace, StringComparison.OrdinalIgnoreCase)}"
            : "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317 sends its trace to a Jaeger.");
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    static void AddReceivers(IServiceCollection services)
    {
        services.AddWebhookReceiver(OutgoingWebhook.GitHub, r => r.GitHub(o => o.Secrets.Add(DemoSecrets.GitHub)).Priority(3));
        services.AddWebhookReceiver(OutgoingWebhook.Orders, r => r.StandardWebhooks(o => o.Secrets.Add(DemoSecrets.Orders)).Priority(8));
    }

    static void AddBus(IServiceCollection services, QuickstartSettings settings, string redis)
    {
        // Nothing is taken in before the processor's queue is there.
        services.AddOptions<MassTransitHostOptions>()
            .Configure(x => (x.WaitUntilStarted, x.StartTimeout) = (true, TimeSpan.FromSeconds(15)));
        services.AddMassTransit(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                w.AddProcessor<ShopHooks>(p =>
                {
                    p.QueueName = Queue;
                    p.Receivers(OutgoingWebhook.GitHub, OutgoingWebhook.Orders);
                    p.Workers = settings.Workers;
                    p.BatchSize = settings.BatchSize;
                    // Short, so that nobody has to wait here; an application waits seconds and minutes.
                    p.Retry(r => r.Interval(1, TimeSpan.FromMilliseconds(50)));
                    p.Redelivery(r => r.Interval(1, TimeSpan.FromMilliseconds(500)));
                });
            });
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(redis, h => h.KeyPrefix(KeyPrefix));
                cfg.ConfigureEndpoints(context);
            });
        });
    }

    static string? Explain(Exception exception, QuickstartSettings settings) => exception switch
    {
        _ when exception.GetBaseException() is AddressInUseException || exception.InnerException is AddressInUseException =>
            $"The port of {settings.IngressUrl} or {settings.ManagementUrl} is taken. Choose other ones: INGRESS_URL=http://127.0.0.1:5090 "
                + "(MANAGEMENT_URL, by default the port above it).",
        ConfigurationException => exception.Message,
        ConnectionException => $"{exception.Message} Without REDIS_URL an embedded server is used.",
        OperationCanceledException => "The bus did not start in time. Is the Redis of REDIS_URL reachable?",
        _ => null,
    };
}
