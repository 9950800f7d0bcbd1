using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore.Tests.Hosting;

/// <summary>All the way: from a sender's request to a consumer, through a bus on Redis.</summary>
public class RedisBusTests
{
    const string Secret = "s";

    [SkippableFact]
    public async Task Webhook_arrives_with_its_bytes_its_priority_and_its_id()
    {
        var server = await SharedServers.Redis;
        server.SkipIfUnavailable();
        var seen = new Seen();
        await using var receivers = await StartAsync(server, seen, r => r.Priority(5));
        byte[] body = [0xEF, 0xBB, 0xBF, .. Enumerable.Range(0, 256).Select(x => (byte)x)];
        (await receivers.PostAsync("github", body, Sign.GitHub(Secret, body), ("X-GitHub-Delivery", "d1"), ("X-GitHub-Event", "push")))
            .Is(202);

        await Eventually.EqualAsync(1, () => seen.Received.Count);
        var (webhook, messageId, priority) = seen.Received.Single();
        Assert.Equal(body, webhook.Body);
        Assert.Equal(("github", "d1", "push"), (webhook.Receiver, webhook.Id, webhook.EventType));
        Assert.Equal("push", webhook.Headers["x-github-event"]);
        Assert.Equal(webhook.GetMessageId(), messageId);
        Assert.NotEqual(webhook.GetMessageId(), (webhook with { ContentDigest = "another" }).GetMessageId());
        Assert.Equal((byte)5, priority);
    }

    [SkippableFact]
    public async Task While_Redis_is_down_senders_are_asked_to_try_again()
    {
        await using var server = new RedisServerProcess(new RedisServerOptions { AppendFsync = "always" });
        await server.StartAsync();
        server.SkipIfNotControllable();
        var seen = new Seen();
        await using var receivers = await StartAsync(server, seen, r => r.Configure(o => o.EnqueueTimeout = TimeSpan.FromSeconds(2)));
        (await PostAsync(receivers, "1")).Is(202);
        await Eventually.EqualAsync(1, () => seen.Received.Count);

        await server.StopAsync();
        var started = Stopwatch.GetTimestamp();
        var answer = await PostAsync(receivers, "2");
        Assert.Equal(503, (int)answer.Status);
        Assert.NotNull(answer.RetryAfter);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 6);

        await server.RestartAsync();
        await Eventually.EqualAsync(202, async () => (int)(await PostAsync(receivers, "2")).Status, TimeSpan.FromSeconds(40));
        await Eventually.TrueAsync(() => seen.Received.Any(x => x.Webhook.Id == "2"), TimeSpan.FromSeconds(40));
    }

    [SkippableFact]
    public async Task Until_somebody_has_subscribed_senders_are_asked_to_try_again_and_then_nothing_is_missing()
    {
        var server = await SharedServers.Redis;
        server.SkipIfUnavailable();
        var (seen, prefix) = (new Seen(), TestNames.Unique("ingress"));
        await using var ingress = await StartAsync(server, seen, _ => { }, prefix, consume: false);

        var early = await PostAsync(ingress, "1");
        early.Is(503, "no-subscriber");
        Assert.NotNull(early.RetryAfter);

        await using (var worker = await StartAsync(server, seen, _ => { }, prefix))
        {
            // The same webhook again, as its sender would: it must not count as a repeat of the one refused.
            await Eventually.EqualAsync(202, async () => (int)(await PostAsync(ingress, "1")).Status);
            await Eventually.EqualAsync(1, () => seen.Received.Count);
        }

        // Now the queue stays.
        (await PostAsync(ingress, "2")).Is(202);
        await using var next = await StartAsync(server, seen, _ => { }, prefix);
        await Eventually.TrueAsync(() => seen.Received.Any(x => x.Webhook.Id == "2"));
    }

    /// <summary>With one constant prefix 563 of 571 webhooks of the second application were taken for repeats of the first one's.</summary>
    [SkippableTheory, InlineData(true), InlineData(false)]
    public async Task Two_applications_on_one_database_do_not_take_each_others_webhooks_for_repeats(bool overTheTransport)
    {
        var server = await SharedServers.Redis;
        server.SkipIfUnavailable();
        var seen = new Seen();
        Action<IServiceCollection> deduplicate = overTheTransport ? x =>
            x.AddRedisDeduplication() : x => x.AddRedisDeduplication(server.ConnectionString);
        var (one, two) = (TestNames.Unique("one"), TestNames.Unique("two"));
        await using var first = await StartAsync(server, seen, _ => { }, one, deduplicate: deduplicate);
        await using var second = await StartAsync(server, seen, _ => { }, two, deduplicate: deduplicate);
        await using var another = await StartAsync(server, seen, _ => { }, two, deduplicate: deduplicate);
        (await PostAsync(first, "1")).Is(202);
        (await PostAsync(second, "1")).Is(202);
        // Its own processes share what they know.
        (await PostAsync(another, "1")).Is(200);
        (await PostAsync(first, "1")).Is(200);
        await Eventually.EqualAsync(2, () => seen.Received.Count);

        await using var connection = await server.ConnectAsync();
        var keys = connection.GetServers().SelectMany(x => x.Keys(pattern: $"{two}:*:seen:*")).ToArray();
        // The webhook, its signed bytes, its id.
        Assert.Equal(3, keys.Length);
    }

    [Fact]
    public async Task Deduplication_over_the_bus_says_what_is_missing_where_the_bus_is_not_on_Redis()
    {
        var services = new ServiceCollection();
        services.AddRedisDeduplication();
        await using var provider = services.BuildServiceProvider();
        var refused = Assert.Throws<ConfigurationException>(provider.GetRequiredService<IWebhookDeduplicator>);
        Assert.Contains("AddWebhooks(w => w.UseRedis())", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Repeats_are_remembered_over_the_connection_of_a_bus_with_a_type_under_its_prefix()
    {
        var server = await SharedServers.Redis;
        server.SkipIfUnavailable();
        var prefix = TestNames.Unique("typed");
        await using var receivers = await Receivers.StartAsync(b =>
        {
            b.Services.AddMassTransit<IWebhookBus>(x =>
            {
                x.AddWebhooks(w => w.UseRedis());
                x.UsingRedis((_, bus) => bus.Host(server.ConnectionString, h => h.KeyPrefix(prefix)));
            });
            b.Services.AddWebhookReceiver("github", r => r.GitHub(o => o.Secrets.Add(Secret)));
            b.Services.AddRedisDeduplication<IWebhookBus>();
        }, realTime: true);

        (await PostAsync(receivers, "1")).Is(202);
        (await PostAsync(receivers, "1")).Is(200);

        await using var connection = await server.ConnectAsync();
        Assert.NotEmpty(connection.GetServers().SelectMany(x => x.Keys(pattern: $"{prefix}:*:seen:*")));
    }

    static Task<Answer> PostAsync(Receivers receivers, string id) =>
        receivers.PostAsync("github", id, Sign.GitHub(Secret, id), ("X-GitHub-Delivery", id));

    /// <summary>The dedupe store is the server that the bus is on, as it will often be.</summary>
    static Task<Receivers> StartAsync(TestServer server, Seen seen, Action<WebhookReceiverBuilder> configure, string? keyPrefix = null,
        bool consume = true,
        Action<IServiceCollection>? deduplicate = null)
    {
        var prefix = keyPrefix ?? TestNames.Unique("ingress");
        return Receivers.StartAsync(b =>
        {
            b.Services.AddSingleton(seen);
            // What is published before its consumer has subscribed reaches nobody.
            b.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
            b.Services.AddMassTransit(x =>
            {
                x.AddWebhooks(w => w.UseRedis());
                x.AddConsumer<Consumer>();
                x.UsingRedis((context, bus) =>
                {
                    bus.Host(server.ConnectionString, h => h.KeyPrefix(prefix));
                    if (consume)
                        bus.ReceiveEndpoint("webhooks", e => e.ConfigureConsumer<Consumer>(context));
                });
            });
            b.Services.AddWebhookReceiver("github", r => configure(r.GitHub(o => o.Secrets.Add(Secret))));
            (deduplicate ?? (x => x.AddRedisDeduplication(server.ConnectionString, prefix)))(b.Services);
        }, realTime: true);
    }

    sealed class Seen
    {
        public ConcurrentQueue<(Webhook Webhook, Guid? MessageId, byte? Priority)> Received { get; } = [];
    }

    sealed class Consumer(Seen seen) : IConsumer<Webhook>
    {
        public Task Consume(ConsumeContext<Webhook> context)
        {
            seen.Received.Enqueue((context.Message, context.MessageId, context.GetPriority()));
            return Task.CompletedTask;
        }
    }
}
