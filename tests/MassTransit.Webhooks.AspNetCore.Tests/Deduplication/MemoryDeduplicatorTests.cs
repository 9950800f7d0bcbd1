using MassTransit.Webhooks.AspNetCore.Tests.Hosting;

namespace MassTransit.Webhooks.AspNetCore.Tests.Deduplication;

public class MemoryDeduplicatorTests
{
    readonly TestClock _clock = new();

    [Fact]
    public async Task Forgets_when_the_window_ends()
    {
        var store = new MemoryWebhookDeduplicator(_clock);
        var id = Guid.NewGuid();
        Assert.Equal(WebhookClaim.Claimed, await store.ClaimAsync(id, "a", TimeSpan.FromSeconds(10), default));
        await store.ConfirmAsync(id, TimeSpan.FromHours(1), default);
        _clock.Now += TimeSpan.FromMinutes(59);
        Assert.Equal(WebhookClaim.Accepted, await store.ClaimAsync(id, "b", TimeSpan.FromSeconds(10), default));
        _clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(WebhookClaim.Claimed, await store.ClaimAsync(id, "b", TimeSpan.FromSeconds(10), default));
        _clock.Now += TimeSpan.FromSeconds(10);
        Assert.Equal(WebhookClaim.Claimed, await store.ClaimAsync(id, "c", TimeSpan.FromSeconds(10), default));
        await store.ReleaseAsync(id, "b", default);
        Assert.Equal(WebhookClaim.Pending, await store.ClaimAsync(id, "d", TimeSpan.FromSeconds(10), default));
    }

    [Fact]
    public async Task Holds_no_more_than_its_capacity()
    {
        var store = new MemoryWebhookDeduplicator(_clock) { Capacity = 10 };
        for (var i = 0; i < 1000; i++)
        {
            _clock.Now += TimeSpan.FromMilliseconds(1);
            await store.ClaimAsync(Guid.NewGuid(), "a", TimeSpan.FromMinutes(1), default);
        }

        Assert.Equal(10, store.Count);
    }
}
