using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.RabbitMq;

/// <summary>The same webhooks and processors on a real RabbitMQ.</summary>
public sealed class RabbitMqTests(SharedRabbitMq rabbitMq) : IClassFixture<SharedRabbitMq>
{
    readonly Journal _journal = new();
    readonly Journal _dead = new();

    [SkippableFact]
    public async Task Batches_come_through_each_webhook_once()
    {
        rabbitMq.Server.SkipIfUnavailable();
        await using var app = await StartAsync<BulkProcessor>();

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 500).Select(x => new Webhook { Id = $"{x}", Body = [1, 2, 3] }), priority: 3);

        await _journal.SawAsync(500);
        Assert.Equal(500, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.All(_journal.Seen, x => Assert.Equal([1, 2, 3], x.Webhook.Body));
    }

    [SkippableFact]
    public async Task Urgent_webhooks_pass_those_that_wait()
    {
        rabbitMq.Server.SkipIfUnavailable();
        var open = new TaskCompletionSource();
        await using var app = await StartAsync<GatedProcessor>(p =>
        {
            p.Workers = 1;
            p.BatchSize = 1;
        }, services => services.AddSingleton(open));

        await app.Queue.EnqueueAsync(new Webhook { Id = "first" });
        await _journal.SawAsync(1);
        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 20).Select(x => new Webhook { Id = $"later-{x}" }));
        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 20).Select(x => new Webhook { Id = $"urgent-{x}" }), priority: 255);
        open.SetResult();

        await _journal.SawAsync(41);
        // What the consumer had prefetched before the urgent ones came is out of the broker's hands.
        var urgent = _journal.Seen.Select(x => x.Webhook.Id).ToList().FindLastIndex(x => x.StartsWith("urgent", StringComparison.Ordinal));
        Assert.InRange(urgent, 20, 30);
    }

    [SkippableFact]
    public async Task Bad_webhook_is_retried_alone_and_dead_lettered()
    {
        rabbitMq.Server.SkipIfUnavailable();
        await using var app = await StartAsync<SingleProcessor>(p =>
        {
            p.Retry(r => r.Immediate(2));
            p.Redelivery(r => r.None());
        });
        _journal.Answer = x => x.Webhook.Id == "bad" ? throw new InvalidOperationException("It is bad.") : WebhookResult.Success();

        await app.Queue.EnqueueBatchAsync([.. Enumerable.Range(0, 9).Select(x => new Webhook { Id = $"{x}" }), new Webhook { Id = "bad" }]);

        await _dead.SawAsync(1);
        await _journal.SawAsync(12);
        Assert.Equal("bad", Assert.Single(_dead.Seen).Webhook.Id);
        Assert.Equal([0, 1, 2], _journal.Seen.Where(x => x.Webhook.Id == "bad").Select(x => x.Attempt));
        Assert.All(Enumerable.Range(0, 9), x => Assert.Equal(1, _journal.Count($"{x}")));
    }

    [SkippableFact]
    public async Task Without_the_delayed_exchange_plugin_a_redelivery_ends_in_the_dead_letters()
    {
        rabbitMq.Server.SkipIfUnavailable();
        await using var app = await StartAsync<SingleProcessor>(p =>
        {
            p.Retry(r => r.Immediate(1));
            p.Redelivery(r => r.Interval(3, TimeSpan.FromMilliseconds(50)));
        });
        _journal.Answer = _ => WebhookResult.Retry(reason: "The backend is down.");

        await app.Queue.EnqueueAsync(new Webhook { Id = "w" });

        await _dead.SawAsync(1);
        Assert.Equal("w", _dead.Seen.First().Webhook.Id);
        Assert.Equal([(0, 0), (1, 0)], _journal.Seen.Select(x => (x.Attempt, x.RedeliveryCount)));
    }

    async Task<WebhookApp> StartAsync<TProcessor>(Action<IWebhookProcessorConfigurator>? configure = null,
        Action<IServiceCollection>? services = null)
        where TProcessor : class, IWebhookProcessor
    {
        var queue = TestNames.Unique("hooks");
        return await WebhookApp.StartAsync(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRabbitMq();
                w.AddProcessor<TProcessor>(p =>
                {
                    p.QueueName = queue;
                    configure?.Invoke(p);
                });
            });
            x.UsingRabbitMq((context, cfg) =>
            {
                cfg.Host(new Uri(rabbitMq.Server.ConnectionString));
                // A topic of the test's own: the broker is shared.
                cfg.Message<Webhook>(m => m.SetEntityName(queue + "-webhook"));
                cfg.ReceiveEndpoint(queue + "_error", e =>
                {
                    e.ConfigureConsumeTopology = false;
                    // The transport declares the error queue with the arguments of the queue it belongs to.
                    e.EnablePriority(10);
                    e.Handler<Webhook>(received =>
                    {
                        _dead.Seen.Enqueue(new WebhookContext(received.Message, 0, 0, false));
                        return Task.CompletedTask;
                    });
                });
                cfg.ConfigureEndpoints(context);
            });
        }, x =>
        {
            x.AddSingleton(_journal);
            services?.Invoke(x);
        });
    }

    /// <summary>Holds the first webhook until the gate opens.</summary>
    sealed class GatedProcessor(Journal journal, TaskCompletionSource gate) : IWebhookProcessor
    {
        public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
        {
            journal.Seen.Enqueue(webhook);
            await gate.Task.WaitAsync(cancellationToken);
            return WebhookResult.Success();
        }
    }
}
