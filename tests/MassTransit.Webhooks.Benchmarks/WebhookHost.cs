using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Benchmarks;

/// <summary>A host with webhooks on Redis, under a key prefix of its own or a given one.</summary>
internal static class WebhookHost
{
    public static string NewPrefix() => $"bench-{NewId.NextGuid():N}";

    public static Task<IHost> StartAsync(Servers servers, Action<IWebhookConfigurator> webhooks,
        Action<IBusRegistrationConfigurator>? consumers = null,
        string? prefix = null) => StartAsync(servers.Redis.ConnectionString, webhooks, consumers, prefix);

    public static async Task<IHost> StartAsync(string server, Action<IWebhookConfigurator> webhooks,
        Action<IBusRegistrationConfigurator>? consumers = null,
        string? prefix = null, Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<Tally>();
        builder.Services.AddSingleton<Latencies>();
        services?.Invoke(builder.Services);
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                webhooks(w);
            });
            consumers?.Invoke(x);
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(server, h => h.KeyPrefix(prefix ?? NewPrefix()));
                cfg.ConfigureEndpoints(context);
            });
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public static IEnumerable<Webhook> Webhooks(int count, bool timed = false, int first = 0)
    {
        var body = new byte[500];
        return Enumerable.Range(first, count).Select(x => new Webhook
        {
            Id = x.ToString(CultureInfo.InvariantCulture),
            Receiver = "bench",
            EventType = "benchmark",
            ReceivedAt = timed ? TimeProvider.System.GetUtcNow() : default,
            Body = body,
        });
    }

    /// <summary>Enqueues, and waits until each id has been processed.</summary>
    /// <exception cref="InvalidOperationException">One was delivered twice.</exception>
    public static async Task RoundAsync(IHost host, int count, Func<IWebhookQueue, int, Task> enqueue)
    {
        var tally = host.Services.GetRequiredService<Tally>();
        var done = tally.Expect(count);
        await enqueue(host.Services.GetRequiredService<IWebhookQueue>(), count);
        await done.WaitAsync(Rate.Patience);
        if (tally.Repeats > 0)
            throw new InvalidOperationException($"{tally.Repeats} webhooks were delivered more than once.");
    }

    public static async Task EnqueueOneByOneAsync(IWebhookQueue queue, int count)
    {
        foreach (var webhook in Webhooks(count))
            await queue.EnqueueAsync(webhook);
    }

    /// <summary>By 100 at a time.</summary>
    public static Task EnqueueConcurrentlyAsync(IWebhookQueue queue, int count) =>
        Task.WhenAll(Webhooks(count).Chunk(Math.Max(1, count / 100)).Select(async chunk =>
        {
            foreach (var webhook in chunk)
                await queue.EnqueueAsync(webhook);
        }));

    public static async Task EnqueueBatchesAsync(IWebhookQueue queue, int count)
    {
        foreach (var batch in Webhooks(count).Chunk(1_000))
            await queue.EnqueueBatchAsync(batch);
    }
}

public sealed class CountingProcessor(Tally tally) : IWebhookProcessor
{
    public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
    {
        tally.Count(int.Parse(webhook.Webhook.Id, CultureInfo.InvariantCulture));
        return Task.FromResult(WebhookResult.Success());
    }
}
