using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Processing;

/// <summary>A batch consumer of plain MassTransit, fed as a processor is.</summary>
public sealed class BatchConsumerTests(AnyRedis redis, SharedRabbitMq rabbitMq) : IClassFixture<AnyRedis>, IClassFixture<SharedRabbitMq>
{
    readonly Journal _journal = new();
    readonly Contexts _contexts = new();
    readonly string _prefix = TestNames.Unique("batches");

    [Fact]
    public async Task Webhooks_that_travel_together_are_consumed_in_batches_each_once_with_its_own_id_and_headers()
    {
        await using var app = await StartAsync();

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 1_000)
            .Select(x => new Webhook { Id = $"{x}", Receiver = "orders", Tenant = x % 2 == 0 ? "acme" : null, Body = [1, 2] }));

        await _journal.SawAsync(1_000);
        Assert.Equal(1_000, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.Contains(_journal.Batches, x => x > 1);
        Assert.All(_journal.Batches, x => Assert.InRange(x, 1, 100));
        Assert.All(_contexts.Seen, x =>
        {
            Assert.Equal(x.Message.GetMessageId(), x.MessageId);
            Assert.Equal(x.Message.Tenant, x.Tenant);
            Assert.Equal([1, 2], x.Message.Body);
        });
        var statistics = Assert.Single(app.Services.GetRequiredService<IWebhookStatistics>().Read());
        Assert.Equal(nameof(HookBatches), statistics.Processor);
        await Eventually.TrueAsync(async () =>
            await app.Queue.GetMetricsAsync() is { Completed: 1_000, Queues: [{ Queue: "hook-batches" }] }, message: "all to be completed");
    }

    [Fact]
    public async Task Only_what_it_throws_at_is_retried_and_dead_lettered()
    {
        await using var app = await StartAsync(p =>
        {
            p.Retry(r => r.Immediate(1));
            p.Redelivery(r => r.None());
        });
        _journal.Answer = x => x.Webhook.Id == "bad" ? throw new InvalidOperationException("It is bad.") : WebhookResult.Success();

        await app.Queue.EnqueueBatchAsync([.. Enumerable.Range(0, 9).Select(x => new Webhook { Id = $"{x}" }), new Webhook { Id = "bad" }]);

        await Eventually.TrueAsync(async () => await app.Queue.GetMetricsAsync() is { DeadLetters: 1, QueueSize: 0, Processing: 0 },
            message: "the bad one to be a dead letter");
        var letter = Assert.Single((await app.DeadLetters.ListAsync("hook-batches")).Entries);
        Assert.Equal(("bad", "System.InvalidOperationException"), (letter.Webhook!.Id, letter.ExceptionType));
        Assert.All(Enumerable.Range(0, 9), x => Assert.Equal(1, _journal.Count($"{x}")));
    }

    [Fact]
    public async Task What_it_publishes_goes_out()
    {
        var orders = new TaskCompletionSource<Guid?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _contexts.Publish = true;
        await using var app = await StartAsync(bus: (_, cfg) => cfg.ReceiveEndpoint("orders", e => e.Handler<OrderSeen>(x =>
        {
            orders.TrySetResult(x.InitiatorId ?? x.ConversationId);
            return Task.CompletedTask;
        })));

        await app.Queue.EnqueueBatchAsync([new Webhook { Id = "a" }, new Webhook { Id = "b" }]);

        Assert.NotNull(await orders.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_works_on_transports_on_which_nothing_travels_together(bool onRabbitMq)
    {
        if (onRabbitMq)
            rabbitMq.Server.SkipIfUnavailable();
        await using var app = await WebhookApp.StartAsync(x =>
        {
            x.AddWebhooks(w =>
            {
                if (onRabbitMq)
                    w.UseRabbitMq();
                w.AddBatchConsumer<HookBatches>(p => p.QueueName = _prefix);
            });
            if (onRabbitMq)
            {
                x.UsingRabbitMq((context, cfg) =>
                {
                    cfg.Host(new Uri(rabbitMq.Server.ConnectionString));
                    cfg.Message<Webhook>(m => m.SetEntityName(_prefix + "-webhook"));
                    cfg.ConfigureEndpoints(context);
                });
            }
            else
            {
                x.UsingInMemory((context, cfg) => cfg.ConfigureEndpoints(context));
            }
        }, x => x.AddSingleton(_journal).AddSingleton(_contexts));

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 100).Select(x => new Webhook { Id = $"{x}" }));

        await _journal.SawAsync(100);
        Assert.Equal(100, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
    }

    Task<RedisApp> StartAsync(Action<IWebhookProcessorConfigurator>? configure = null,
        Action<IBusRegistrationContext, IRedisBusFactoryConfigurator>? bus = null) =>
        RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddBatchConsumer<HookBatches>(configure), bus: bus,
            services: x => x.AddSingleton(_contexts));

    public sealed record OrderSeen;

    sealed class Contexts
    {
        public System.Collections.Concurrent.ConcurrentQueue<(Webhook Message, Guid? MessageId, string? Tenant)> Seen { get; } = new();

        public bool Publish { get; set; }
    }

    sealed class HookBatches(Journal journal, Contexts contexts) : IConsumer<Batch<Webhook>>
    {
        public async Task Consume(ConsumeContext<Batch<Webhook>> context)
        {
            foreach (var webhook in context.Message)
            {
                journal.Answer(new WebhookContext(webhook.Message, 0, 0, false));
                contexts.Seen.Enqueue((webhook.Message, webhook.MessageId, webhook.Headers.Get<string>(WebhookHeaders.Tenant)));
            }

            if (contexts.Publish)
                await context.Publish(new OrderSeen());
            journal.Batches.Enqueue(context.Message.Length);
            foreach (var webhook in context.Message)
                journal.Seen.Enqueue(new WebhookContext(webhook.Message, 0, 0, false));
        }
    }
}
