using System.Collections.Concurrent;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.Webhooks.AspNetCore.Tests.Deduplication;

/// <summary>A store that hung cost every request 2 to 3 s, which is all that Slack waits.</summary>
public class HangingStoreTests
{
    const string Secret = "a secret of some length";

    [Theory, InlineData("claim"), InlineData("confirm"), InlineData("all")]
    public async Task Store_that_hangs_is_waited_for_by_the_first_requests_only_and_asked_again_until_it_answers(string what)
    {
        var store = new Store { Hangs = what };
        await using var receivers = await Receivers.StartAsync(b =>
        {
            b.Services.AddSingleton<IWebhookDeduplicator>(store);
            b.Services.AddWebhookReceiver("r", r => r.GitHub(o => o.Secrets.Add(Secret)));
            b.Services.Configure<WebhookDeduplicationOptions>(x => x.Timeout = TimeSpan.FromMilliseconds(100));
        });
        for (var i = 0; i < 50; i++)
            (await PostAsync(receivers, $"{i}")).Is(202);

        // Each of the first requests claims and confirms; then nobody but the probe asks, once a second.
        Assert.InRange(store.Calls.Count(x => x == "claim"), 1, 20);
        Assert.Single(receivers.Logs.Lines, x => x.Contains("Repeats of webhooks are not recognized for now", StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(receivers)).Status);
        store.Hangs = "";
        await Eventually.TrueAsync(() =>
            receivers.Logs.Text.Contains("Repeats of webhooks are recognized again", StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(receivers)).Status);
        (await PostAsync(receivers, "new")).Is(202);
        (await PostAsync(receivers, "new")).Is(200);
    }

    [Fact]
    public async Task One_slow_answer_is_no_outage()
    {
        var store = new Store { Hangs = "claim" };
        await using var receivers = await Receivers.StartAsync(b =>
        {
            b.Services.AddSingleton<IWebhookDeduplicator>(store);
            b.Services.AddWebhookReceiver("r", r => r.GitHub(o => o.Secrets.Add(Secret)));
            b.Services.Configure<WebhookDeduplicationOptions>(x => x.Timeout = TimeSpan.FromSeconds(2));
        });
        (await PostAsync(receivers, "1")).Is(202);
        store.Hangs = "";
        // What was published without a claim is remembered all the same.
        await Eventually.EqualAsync(200, async () => (int)(await PostAsync(receivers, "1")).Status);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(receivers)).Status);
    }

    [Fact]
    public async Task Store_that_throws_is_told_of_with_its_stack()
    {
        await using var receivers = await Receivers.StartAsync(b =>
        {
            b.Services.AddSingleton<IWebhookDeduplicator>(new BrokenStore());
            b.Services.AddWebhookReceiver("r", r => r.GitHub(o => o.Secrets.Add(Secret)));
        });

        (await PostAsync(receivers, "1")).Is(202);

        Assert.Contains($"{nameof(BrokenStore)}.{nameof(BrokenStore.ClaimAsync)}",
            Assert.Single(receivers.Logs.Lines,
                x => x.Contains("Repeats of webhooks are not recognized for now", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    static Task<Answer> PostAsync(Receivers receivers, string id) =>
        receivers.PostAsync("r", id, Sign.GitHub(Secret, id), ("X-GitHub-Delivery", id));

    static async Task<HealthReportEntry> CheckAsync(Receivers receivers) =>
        (await receivers.App.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["webhook-receivers"];

    /// <summary>A store with a defect.</summary>
    sealed class BrokenStore : IWebhookDeduplicator
    {
        public Task<WebhookClaim> ClaimAsync(Guid webhook, string owner, TimeSpan pending, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("There is no table.");

        public Task ConfirmAsync(Guid webhook, TimeSpan window, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task ReleaseAsync(Guid webhook, string owner, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>A store of somebody else's, that knows nothing of several keys at a time, and does not look at its token.</summary>
    sealed class Store : IWebhookDeduplicator
    {
        readonly MemoryWebhookDeduplicator _memory = new(TimeProvider.System);

        public string Hangs { get; set; } = "";

        public ConcurrentQueue<string> Calls { get; } = [];

        public async Task<WebhookClaim> ClaimAsync(Guid webhook, string owner, TimeSpan pending, CancellationToken cancellationToken)
        {
            Calls.Enqueue(owner == "probe" ? "probe" : "claim");
            await HangAsync("claim");
            return await _memory.ClaimAsync(webhook, owner, pending, cancellationToken);
        }

        public async Task ConfirmAsync(Guid webhook, TimeSpan window, CancellationToken cancellationToken)
        {
            Calls.Enqueue("confirm");
            await HangAsync("confirm");
            await _memory.ConfirmAsync(webhook, window, cancellationToken);
        }

        public async Task ReleaseAsync(Guid webhook, string owner, CancellationToken cancellationToken)
        {
            Calls.Enqueue("release");
            await HangAsync("release");
            await _memory.ReleaseAsync(webhook, owner, cancellationToken);
        }

        Task HangAsync(string what) =>
            Hangs == "all" || Hangs == what ? Task.Delay(Timeout.Infinite, CancellationToken.None) : Task.CompletedTask;
    }
}
