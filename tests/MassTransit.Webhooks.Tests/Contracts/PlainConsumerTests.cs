using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Contracts;

/// <summary>Plain MassTransit: nothing of ours but the contract and the transport.</summary>
public sealed class PlainConsumerTests(AnyRedis redis, SharedRabbitMq rabbitMq) : IClassFixture<AnyRedis>, IClassFixture<SharedRabbitMq>
{
    static readonly byte[] Body = [0xEF, 0xBB, 0xBF, .. Enumerable.Range(0, 256).Select(x => (byte)x)];

    readonly Journal _journal = new();

    public static TheoryData<string> Transports => new("redis", "memory", "rabbitmq");

    [SkippableTheory]
    [MemberData(nameof(Transports))]
    public async Task Webhook_is_consumed_by_itself(string transport)
    {
        await using var app = await StartAsync<OneByOne>(transport);

        await app.Bus.Publish(Hook("w"));

        await _journal.SawAsync(1);
        Assert.Equal(Hook("w").ReceivedAt, _journal.Seen.Single().Webhook.ReceivedAt);
        Assert.Equal(Body, _journal.Seen.Single().Webhook.Body);
        Assert.Equal("push", _journal.Seen.Single().Webhook.Headers["x-github-event"]);
    }

    [SkippableTheory]
    [MemberData(nameof(Transports))]
    public async Task Webhooks_are_consumed_in_batches(string transport)
    {
        await using var app = await StartAsync<InBatches>(transport);

        await app.Bus.PublishBatch(Enumerable.Range(0, 100).Select(x => Hook($"{x}")));

        await _journal.SawAsync(100);
        Assert.Equal(100, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.All(_journal.Batches, x => Assert.InRange(x, 1, 10));
        Assert.Contains(_journal.Batches, x => x > 1);
    }

    [Fact]
    public async Task Priority_is_set_in_the_way_of_MassTransit()
    {
        await using var app = await StartAsync<OneByOne>("redis");

        await app.Bus.Publish(Hook("w"), x => x.SetRedisPriority(10));

        await _journal.SawAsync(1);
        Assert.Equal([10], _journal.Batches);
    }

    /// <summary>Of two kinds of subscribers, one of which cannot take webhooks that travel together, each gets every webhook.</summary>
    [Fact]
    public async Task Processor_beside_a_plain_consumer_changes_nothing_for_it()
    {
        var processed = new Journal();
        var prefix = TestNames.Unique("plain");
        await using var plain = await RedisApp.StartAsync(redis.Server, prefix, _journal, register: x => x.AddConsumer<OneByOne>());
        await using var app =
            await RedisApp.StartAsync(redis.Server, prefix, processed, w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "hooks"));

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 200).Select(x => Hook($"{x}")));

        await _journal.SawAsync(200);
        await processed.SawAsync(200);
        Assert.Equal(200, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.Equal(200, processed.Seen.Select(x => x.Webhook.Id).Distinct().Count());
    }

    static Webhook Hook(string id) => new()
    {
        Id = id,
        Receiver = "github",
        EventType = "push",
        ReceivedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Headers = new Dictionary<string, string> { ["x-github-event"] = "push" },
        Body = Body,
    };

    Task<WebhookApp> StartAsync<TConsumer>(string transport)
        where TConsumer : class, IConsumer
    {
        if (transport == "rabbitmq")
            rabbitMq.Server.SkipIfUnavailable();
        var name = TestNames.Unique("plain");
        return WebhookApp.StartAsync(x =>
        {
            x.AddConsumer<TConsumer>().Endpoint(e => e.Name = name);
            switch (transport)
            {
                case "redis":
                    x.UsingRedis((context, cfg) =>
                    {
                        cfg.Host(redis.Server.ConfigurationOptions, h => h.KeyPrefix(name));
                        cfg.ConfigureEndpoints(context);
                    });
                    break;
                case "rabbitmq":
                    x.UsingRabbitMq((context, cfg) =>
                    {
                        cfg.Host(new Uri(rabbitMq.Server.ConnectionString));
                        cfg.Message<Webhook>(m => m.SetEntityName(name + "-webhook"));
                        cfg.ConfigureEndpoints(context);
                    });
                    break;
                default:
                    x.UsingInMemory((context, cfg) => cfg.ConfigureEndpoints(context));
                    break;
            }
        }, x => x.AddSingleton(_journal));
    }

    public sealed class OneByOne(Journal journal) : IConsumer<Webhook>
    {
        public Task Consume(ConsumeContext<Webhook> context)
        {
            journal.Batches.Enqueue(context.GetPriority() ?? 0);
            journal.Seen.Enqueue(new WebhookContext(context.Message, 0, 0, false));
            return Task.CompletedTask;
        }
    }

    public sealed class InBatches(Journal journal) : IConsumer<Batch<Webhook>>
    {
        public Task Consume(ConsumeContext<Batch<Webhook>> context)
        {
            journal.Batches.Enqueue(context.Message.Length);
            foreach (var webhook in context.Message)
                journal.Seen.Enqueue(new WebhookContext(webhook.Message, 0, 0, false));
            return Task.CompletedTask;
        }
    }

    sealed class InBatchesDefinition : ConsumerDefinition<InBatches>
    {
        protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpointConfigurator,
            IConsumerConfigurator<InBatches> consumerConfigurator,
            IRegistrationContext context) => consumerConfigurator.Options<BatchOptions>(o => o.SetMessageLimit(10).SetTimeLimit(ms: 200));
    }
}
