using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>
/// Webhooks of 500 bytes on Redis: enqueued one at a time, 100 at a time and in batches of 1,000; and end to end through
/// IWebhookProcessor beside plain consumers on the same transport, every id counted.
/// </summary>
internal sealed class WebhookPipeline : IScenario
{
    const int Count = 20_000;
    const int Rounds = 3;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public string Name => "webhooks";

    public string Description => "enqueue, and end to end through a processor, 500-byte bodies, on Redis";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var measurements = new List<Measurement>
        {
            new("enqueue, one awaited", "no consumer", await EnqueueAsync(servers, 2_000, EnqueueOneByOneAsync), "webhooks/s"),
            new("enqueue, 100 concurrent", "no consumer", await EnqueueAsync(servers, Count, EnqueueConcurrentlyAsync), "webhooks/s"),
            new("enqueue, batches of 1,000", "no consumer", await EnqueueAsync(servers, Count, EnqueueBatchesAsync), "webhooks/s"),
        };

        const string setting = "prefetch 2,000, batches of 100";
        measurements.Add(new("IConsumer<Webhook>", setting, await EndToEndAsync(servers, x => x.AddConsumer<PlainConsumer, PlainDefinition>()), "webhooks/s"));
        measurements.Add(new("IConsumer<Batch<Webhook>>", setting, await EndToEndAsync(servers, x => x.AddConsumer<PlainBatchConsumer>(c =>
            c.Options<BatchOptions>(o => o.SetMessageLimit(100).SetTimeLimit(ms: 5).SetConcurrencyLimit(20)))), "webhooks/s", "IConsumer<Webhook>"));
        measurements.Add(new("IWebhookProcessor", setting, await EndToEndAsync(servers, _ => { }, w => w.AddProcessor<CountingProcessor>(p =>
        {
            p.Workers = 10;
            p.BatchSize = 100;
        })), "webhooks/s", "IConsumer<Batch<Webhook>>"));
        return measurements;
    }

    static async Task<double> EnqueueAsync(Servers servers, int count, Func<IWebhookQueue, int, Task> enqueue)
    {
        // A queue somebody has subscribed, and nobody empties.
        using var host = await StartAsync(servers, _ => { }, _ => { }, (_, cfg) => cfg.DeployTopologyOnly = true, x => x.AddConsumer<PlainConsumer>());
        var queue = host.Services.GetRequiredService<IWebhookQueue>();
        await enqueue(queue, count / 2);
        var rates = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            await enqueue(queue, count);
            rates.Add(count / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        await host.StopAsync();
        return rates.Order().ElementAt(Rounds / 2);
    }

    static async Task<double> EndToEndAsync(Servers servers, Action<IBusRegistrationConfigurator> consumers, Action<IWebhookConfigurator>? webhooks = null)
    {
        using var host = await StartAsync(servers, webhooks ?? (_ => { }), _ => { }, (_, _) => { }, consumers);
        var queue = host.Services.GetRequiredService<IWebhookQueue>();
        var tally = host.Services.GetRequiredService<Tally>();
        var rates = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            var done = tally.Expect(Count);
            var started = Stopwatch.GetTimestamp();
            await EnqueueBatchesAsync(queue, Count);
            await done.WaitAsync(Patience);
            if (round > 0)
                rates.Add(Count / Stopwatch.GetElapsedTime(started).TotalSeconds);
            if (tally.Repeats > 0)
                throw new InvalidOperationException($"{tally.Repeats} webhooks were delivered more than once.");
        }

        await host.StopAsync();
        return rates.Order().ElementAt(Rounds / 2);
    }

    static async Task<IHost> StartAsync(Servers servers, Action<IWebhookConfigurator> webhooks, Action<IServiceCollection> services,
        Action<IBusRegistrationContext, IRedisBusFactoryConfigurator> bus, Action<IBusRegistrationConfigurator> consumers)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<Tally>();
        services(builder.Services);
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                webhooks(w);
            });
            consumers(x);
            x.AddConfigureEndpointsCallback((_, endpoint) => endpoint.PrefetchCount = 2_000);
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(servers.Redis.ConnectionString, h => h.KeyPrefix($"bench-{NewId.NextGuid():N}"));
                bus(context, cfg);
                cfg.ConfigureEndpoints(context);
            });
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    static async Task EnqueueOneByOneAsync(IWebhookQueue queue, int count)
    {
        foreach (var webhook in Webhooks(count))
            await queue.EnqueueAsync(webhook);
    }

    static Task EnqueueConcurrentlyAsync(IWebhookQueue queue, int count) =>
        Task.WhenAll(Webhooks(count).Chunk(count / 100).Select(async chunk =>
        {
            foreach (var webhook in chunk)
                await queue.EnqueueAsync(webhook);
        }));

    static async Task EnqueueBatchesAsync(IWebhookQueue queue, int count)
    {
        foreach (var batch in Webhooks(count).Chunk(1_000))
            await queue.EnqueueBatchAsync(batch);
    }

    static IEnumerable<Webhook> Webhooks(int count)
    {
        var body = new byte[500];
        return Enumerable.Range(0, count).Select(x => new Webhook { Id = $"{x}", Receiver = "bench", EventType = "benchmark", Body = body });
    }
}

public sealed class PlainConsumer(Tally tally) : IConsumer<Webhook>
{
    public Task Consume(ConsumeContext<Webhook> context)
    {
        tally.Count(int.Parse(context.Message.Id, System.Globalization.CultureInfo.InvariantCulture));
        return Task.CompletedTask;
    }
}

public sealed class PlainDefinition : ConsumerDefinition<PlainConsumer>
{
    public PlainDefinition() => ConcurrentMessageLimit = 1_000;
}

public sealed class PlainBatchConsumer(Tally tally) : IConsumer<Batch<Webhook>>
{
    public Task Consume(ConsumeContext<Batch<Webhook>> context)
    {
        foreach (var webhook in context.Message)
            tally.Count(int.Parse(webhook.Message.Id, System.Globalization.CultureInfo.InvariantCulture));
        return Task.CompletedTask;
    }
}

public sealed class CountingProcessor(Tally tally) : IWebhookProcessor
{
    public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
    {
        tally.Count(int.Parse(webhook.Webhook.Id, System.Globalization.CultureInfo.InvariantCulture));
        return Task.FromResult(WebhookResult.Success());
    }
}
