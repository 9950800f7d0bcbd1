using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>
/// Webhooks of 500 bytes on Redis: enqueued one at a time, 100 at a time and in batches of 1,000; and end to end through
/// IWebhookProcessor beside plain consumers on the same transport, every id counted.
/// </summary>
internal sealed class WebhookPipeline : IScenario
{
    const int Count = 40_000;

    public string Name => "webhooks";

    public string Description => "enqueue, and end to end through a processor, 500-byte bodies, on Redis";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var measurements = new List<Measurement>();
        foreach (var (processor, subscriber) in ((bool, string)[])[(true, "for a processor"), (false, "for an IConsumer<Webhook>")])
        {
            measurements.Add(new("enqueue, one awaited", subscriber,
                await EnqueueAsync(servers, processor, 2_000, WebhookHost.EnqueueOneByOneAsync), "webhooks/s"));
            measurements.Add(new("enqueue, 100 concurrent", subscriber,
                await EnqueueAsync(servers, processor, Count, WebhookHost.EnqueueConcurrentlyAsync), "webhooks/s"));
            measurements.Add(new("enqueue, batches of 1,000", subscriber,
                await EnqueueAsync(servers, processor, processor ? Count * 5 : Count, WebhookHost.EnqueueBatchesAsync), "webhooks/s"));
        }

        const string setting = "prefetch 2,000, batches of 100";
        measurements.Add(new("IConsumer<Webhook>", setting,
            await EndToEndAsync(servers, x => x.AddConsumer<PlainConsumer, PlainDefinition>()), "webhooks/s"));
        measurements.Add(new("IConsumer<Batch<Webhook>>", setting, await EndToEndAsync(servers, x => x.AddConsumer<PlainBatchConsumer>(c =>
            c.Options<BatchOptions>(o => o.SetMessageLimit(100).SetTimeLimit(ms: 5).SetConcurrencyLimit(20)))), "webhooks/s",
                "IConsumer<Webhook>"));
        measurements.Add(new("IConsumer<Batch<Webhook>> by AddBatchConsumer", setting,
            await EndToEndAsync(servers, _ => { }, w => w.AddBatchConsumer<PlainBatchConsumer>()), "webhooks/s",
            "IConsumer<Batch<Webhook>>"));
        measurements.Add(
            new("IWebhookProcessor", setting, await EndToEndAsync(servers, _ => { }, w => w.AddProcessor<CountingProcessor>(p =>
        {
            p.Workers = 10;
            p.BatchSize = 100;
        })), "webhooks/s", "IConsumer<Batch<Webhook>>"));
        return measurements;
    }

    static async Task<double> EnqueueAsync(Servers servers, bool processor, int count, Func<IWebhookQueue, int, Task> enqueue)
    {
        // A queue somebody has subscribed, and nobody empties.
        var prefix = WebhookHost.NewPrefix();
        using (var subscriber = await WebhookHost.StartAsync(servers, w =>
        {
            if (processor)
                w.AddProcessor<CountingProcessor>();
        }, processor ? null : x => x.AddConsumer<PlainConsumer>(), prefix))
            await subscriber.StopAsync();

        using var host = await WebhookHost.StartAsync(servers, _ => { }, prefix: prefix);
        var queue = host.Services.GetRequiredService<IWebhookQueue>();
        var rate = await Rate.MedianAsync(count, x => enqueue(queue, x));
        await host.StopAsync();
        return rate;
    }

    static async Task<double> EndToEndAsync(Servers servers, Action<IBusRegistrationConfigurator> consumers,
        Action<IWebhookConfigurator>? webhooks = null)
    {
        using var host = await WebhookHost.StartAsync(servers, webhooks ?? (_ => { }), x =>
        {
            consumers(x);
            x.AddConfigureEndpointsCallback((_, endpoint) => endpoint.PrefetchCount = 2_000);
        });
        var rate = await Rate.MedianAsync(Count, x => WebhookHost.RoundAsync(host, x, WebhookHost.EnqueueBatchesAsync));
        await host.StopAsync();
        return rate;
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
