using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Publishing;

/// <summary>What nobody is subscribed to is refused, not lost.</summary>
public sealed class SubscriberTests(AnyRedis redis, SharedRabbitMq rabbitMq) : IClassFixture<AnyRedis>, IClassFixture<SharedRabbitMq>
{
    readonly Journal _journal = new();
    readonly string _prefix = TestNames.Unique("subscriber");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Webhook_without_a_subscriber_is_refused_with_the_cure_and_taken_once_there_is_one(bool bundling)
    {
        await using var sender = await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.Bundling = bundling);

        var refusal = await Assert.ThrowsAsync<WebhookNotRoutedException>(() => sender.Queue.EnqueueAsync(new Webhook { Id = "w" }));
        Assert.Contains("Start the processors once", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<WebhookNotRoutedException>(() =>
            sender.Queue.EnqueueBatchAsync([new Webhook { Id = "a" }, new Webhook { Id = "b" }]));

        await using (await StartProcessorAsync())
        {
        }

        // The queue stays, though nobody is there now.
        await sender.Queue.EnqueueAsync(new Webhook { Id = "w" });
        await sender.Queue.EnqueueBatchAsync([new Webhook { Id = "a" }, new Webhook { Id = "b" }]);
        await using var processor = await StartProcessorAsync();
        await _journal.SawAsync(3);
        Assert.Equal(["a", "b", "w"], _journal.Seen.Select(x => x.Webhook.Id).Order());
    }

    [Fact]
    public async Task Publisher_whose_consumers_may_be_missing_can_say_so()
    {
        await using var sender = await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.RequireSubscriber = false);

        await sender.Queue.EnqueueAsync(new Webhook { Id = "w" });
        await sender.Queue.EnqueueBatchAsync([new Webhook { Id = "a" }, new Webhook { Id = "b" }]);

        Assert.Equal(0, (await sender.Queue.GetMetricsAsync()).QueueSize);
    }

    [Fact]
    public async Task Subscriber_of_another_message_is_none()
    {
        await using var sender = await RedisApp.StartAsync(redis.Server, _prefix, _journal,
            bus: (_, cfg) => cfg.ReceiveEndpoint("other", e => e.Handler<OtherMessage>(_ => Task.CompletedTask)));

        await Assert.ThrowsAsync<WebhookNotRoutedException>(() => sender.Queue.EnqueueAsync(new Webhook { Id = "w" }));
    }

    [Fact]
    public async Task Subscriber_that_is_gone_for_good_is_none()
    {
        await using (var temporary = await RedisApp.StartAsync(redis.Server, _prefix, _journal, bus: (_, cfg) =>
            cfg.ReceiveEndpoint("temporary", e =>
            {
                e.AutoDeleteOnIdle = TimeSpan.FromSeconds(1);
                e.Handler<Webhook>(_ => Task.CompletedTask);
            })))
        {
            await temporary.Queue.EnqueueAsync(new Webhook { Id = "w" });
        }

        await using var sender = await RedisApp.StartAsync(redis.Server, _prefix, _journal);
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await sender.Queue.EnqueueAsync(new Webhook { Id = "w" });
                return false;
            }
            catch (WebhookNotRoutedException)
            {
                return true;
            }
        }, TimeSpan.FromSeconds(60), "the queue that deletes itself to be gone, and webhooks to be refused");
    }

    [SkippableFact]
    public async Task Webhook_without_a_subscriber_is_refused_on_RabbitMQ_too()
    {
        rabbitMq.Server.SkipIfUnavailable();
        await using var app = await WebhookApp.StartAsync(x =>
        {
            x.AddWebhooks(w => w.UseRabbitMq());
            x.UsingRabbitMq((context, cfg) =>
            {
                cfg.Host(new Uri(rabbitMq.Server.ConnectionString));
                cfg.Message<Webhook>(m => m.SetEntityName(_prefix + "-webhook"));
                cfg.ConfigureEndpoints(context);
            });
        });

        await Assert.ThrowsAsync<WebhookNotRoutedException>(() => app.Queue.EnqueueAsync(new Webhook { Id = "w" }));
    }

    [Fact]
    public async Task Transport_in_memory_cannot_tell_and_takes_it()
    {
        await using var app = await WebhookApp.StartAsync(x =>
        {
            x.AddWebhooks();
            x.UsingInMemory();
        });

        await app.Queue.EnqueueAsync(new Webhook { Id = "w" });
    }

    Task<RedisApp> StartProcessorAsync() =>
        RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "hooks"));

    public sealed record OtherMessage;
}
