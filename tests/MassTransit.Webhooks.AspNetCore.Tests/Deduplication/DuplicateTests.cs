using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore.Tests.Deduplication;

/// <summary>The same promises in memory and in Redis.</summary>
public abstract class DuplicateTests
{
    const string Secret = "s";

    protected abstract void Use(IServiceCollection services);

    protected Task<Receivers> StartAsync() => Receivers.StartAsync(b =>
    {
        b.Services.AddWebhookReceiver("a", r => r.GitHub(o => o.Secrets.Add(Secret)))
            .AddWebhookReceiver("b", r => r.GitHub(o => o.Secrets.Add(Secret)));
        Use(b.Services);
    });

    protected static Task<Answer> PostAsync(Receivers receivers, string receiver, string id) =>
        receivers.PostAsync(receiver, id, Sign.GitHub(Secret, id), ("X-GitHub-Delivery", id));

    [SkippableFact]
    public async Task Duplicate_of_an_accepted_one_is_200_and_not_published()
    {
        await using var receivers = await StartAsync();
        (await PostAsync(receivers, "a", "1")).Is(202);
        (await PostAsync(receivers, "a", "1")).Is(200);
        (await PostAsync(receivers, "b", "1")).Is(202);
        (await PostAsync(receivers, "a", "2")).Is(202);
        Assert.Equal(3, receivers.Queue.Received.Count);
    }

    [SkippableFact]
    public async Task Duplicate_during_a_claim_is_503_and_later_200()
    {
        await using var receivers = await StartAsync();
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        receivers.Queue.Behave = _ =>
        {
            entered.TrySetResult();
            return gate.Task;
        };
        var first = PostAsync(receivers, "a", "1");
        await Eventually.CompletesAsync(entered.Task);
        var second = await PostAsync(receivers, "a", "1");
        second.Is(503, "duplicate-pending");
        Assert.NotNull(second.RetryAfter);
        gate.SetResult();
        (await first).Is(202);
        (await PostAsync(receivers, "a", "1")).Is(200);
        Assert.Single(receivers.Queue.Received);
    }

    [SkippableFact]
    public async Task Failed_publish_releases_the_claim()
    {
        await using var receivers = await StartAsync();
        receivers.Queue.Behave = _ => throw new InvalidOperationException("down");
        (await PostAsync(receivers, "a", "1")).Is(503, "broker-unavailable");
        receivers.Queue.Behave = _ => Task.CompletedTask;
        (await PostAsync(receivers, "a", "1")).Is(202);
    }

    [SkippableFact]
    public async Task Of_many_at_a_time_one_is_published()
    {
        await using var receivers = await StartAsync();
        receivers.Queue.Behave = token => Task.Delay(50, token);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PostAsync(receivers, "a", "1")));
        Assert.Single(answers, x => (int)x.Status == 202);
        Assert.All(answers, x => Assert.Contains((int)x.Status, new[] { 200, 202, 503 }));
        Assert.Single(receivers.Queue.Received);
    }
}

public sealed class Duplicates_in_memory : DuplicateTests
{
    protected override void Use(IServiceCollection services)
    {
    }
}

public sealed class Duplicates_in_Redis(SharedRedis redis) : DuplicateTests, IClassFixture<SharedRedis>
{
    readonly string _prefix = TestNames.Unique("dedupe");

    protected override void Use(IServiceCollection services)
    {
        redis.Server.SkipIfUnavailable();
        services.AddRedisDeduplication(redis.Server.ConnectionString, _prefix);
    }

    [SkippableFact]
    public async Task Two_applications_share_what_they_know()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        (await PostAsync(one, "a", "1")).Is(202);
        (await PostAsync(two, "a", "1")).Is(200);
    }

    [SkippableFact]
    public async Task Release_leaves_anothers_claim_alone_and_keys_expire()
    {
        redis.Server.SkipIfUnavailable();
        await using var connection = await redis.Server.ConnectAsync();
        await using var shared = RedisConnection.Of(connection);
        var store = new RedisWebhookDeduplicator(shared, () => _prefix);
        var id = Guid.NewGuid();
        Assert.Equal(WebhookClaim.Claimed, await store.ClaimAsync(id, "me", TimeSpan.FromSeconds(30), default));
        await store.ReleaseAsync(id, "another", default);
        Assert.Equal(WebhookClaim.Pending, await store.ClaimAsync(id, "another", TimeSpan.FromSeconds(30), default));
        await store.ConfirmAsync(id, TimeSpan.FromMinutes(1), default);
        await store.ReleaseAsync(id, "me", default);
        Assert.Equal(WebhookClaim.Accepted, await store.ClaimAsync(id, "me", TimeSpan.FromSeconds(30), default));
        Assert.InRange((await connection.GetDatabase().KeyTimeToLiveAsync($"{_prefix}:{id:N}"))!.Value.TotalSeconds, 50, 60);

        var crashed = Guid.NewGuid();
        await store.ClaimAsync(crashed, "me", TimeSpan.FromMilliseconds(50), default);
        await Eventually.EqualAsync(WebhookClaim.Claimed, () => store.ClaimAsync(crashed, "another", TimeSpan.FromSeconds(30), default));
    }
}

/// <summary>There the keys of one webhook lie on several servers.</summary>
public sealed class Duplicates_in_a_Redis_Cluster(SharedCluster cluster) : DuplicateTests, IClassFixture<SharedCluster>
{
    readonly string _prefix = TestNames.Unique("dedupe");

    protected override void Use(IServiceCollection services)
    {
        cluster.Server.SkipIfUnavailable();
        services.AddRedisDeduplication(cluster.Server.ConnectionString, _prefix);
    }
}

public sealed class Deduplication_without_its_store
{
    [SkippableFact]
    public async Task Frozen_Redis_is_not_waited_for_after_the_first_requests_and_used_again_when_it_thaws()
    {
        await using var redis = new RedisServerProcess();
        await redis.StartAsync();
        redis.SkipIfNotControllable();
        await using var receivers = await Receivers.StartAsync(b =>
        {
            b.Services.AddWebhookReceiver("a", r => r.GitHub(o => o.Secrets.Add("s"))).AddRedisDeduplication(redis.ConnectionString);
            b.Services.Configure<WebhookDeduplicationOptions>(x => x.Timeout = TimeSpan.FromSeconds(1));
        });
        (await PostAsync(receivers, "1")).Is(202);
        await Eventually.EqualAsync(200, async () => (int)(await PostAsync(receivers, "1")).Status);

        redis.Suspend();
        try
        {
            // Without the breaker each of them waits for its second.
            var started = System.Diagnostics.Stopwatch.GetTimestamp();
            for (var i = 0; i < 100; i++)
                (await PostAsync(receivers, $"frozen-{i}")).Is(202);
            Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 60);
        }
        finally
        {
            redis.Resume();
        }

        await Eventually.EqualAsync(200, async () => (int)(await PostAsync(receivers, "thawed")).Status);
    }

    [SkippableFact]
    public async Task Webhooks_are_taken_while_Redis_is_away_and_known_again_when_it_is_back()
    {
        await using var redis = new RedisServerProcess();
        await redis.StartAsync();
        redis.SkipIfNotControllable();
        await redis.StopAsync();
        await using var receivers =
            await Receivers.StartAsync(b => b.Services.AddWebhookReceiver("a", r => r.GitHub(o => o.Secrets.Add("s")))
            .AddRedisDeduplication(redis.ConnectionString));
        (await PostAsync(receivers, "1")).Is(202);
        (await PostAsync(receivers, "1")).Is(202);
        Assert.Contains("Repeats of webhooks are not recognized", receivers.Logs.Text, StringComparison.Ordinal);
        var ids = receivers.Queue.Received.Select(x => x.Webhook.GetMessageId()).Distinct();
        Assert.Single(ids);

        await redis.RestartAsync();
        await Eventually.EqualAsync(200, async () => (int)(await PostAsync(receivers, "1")).Status);
    }

    static Task<Answer> PostAsync(Receivers receivers, string id) =>
        receivers.PostAsync("a", id, Sign.GitHub("s", id), ("X-GitHub-Delivery", id));
}
