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
            var id = Guid.NewGuid();
            await store.ClaimAsync(id, "a", TimeSpan.FromSeconds(10), default);
            await store.ConfirmAsync(id, TimeSpan.FromMinutes(1), default);
        }

        Assert.Equal(10, store.Count);
    }

    /// <summary>
    /// Claims are shorter than what is accepted is remembered, so they were the first to be forgotten: two requests published one webhook.
    /// </summary>
    [Fact]
    public async Task Full_store_forgets_neither_what_is_being_published_nor_what_was_accepted_last()
    {
        var store = new MemoryWebhookDeduplicator(_clock) { Capacity = 3 };
        var pending = Guid.NewGuid();
        for (var i = 0; i < 20; i++)
        {
            if (i == 10)
                Assert.Equal(WebhookClaim.Claimed, await store.ClaimAsync(pending, "a", TimeSpan.FromSeconds(10), default));
            await store.ConfirmAsync(Guid.NewGuid(), TimeSpan.FromHours(1), default);
        }

        Assert.Equal(WebhookClaim.Pending, await store.ClaimAsync(pending, "b", TimeSpan.FromSeconds(10), default));
        // Of a receiver with a short window, among others with a long one.
        await store.ConfirmAsync(pending, TimeSpan.FromSeconds(1), default);
        Assert.Equal(WebhookClaim.Accepted, await store.ClaimAsync(pending, "b", TimeSpan.FromSeconds(10), default));
        Assert.Equal(3, store.Count);
    }

    [Fact]
    public async Task Keys_of_one_webhook_are_claimed_together_or_not_at_all()
    {
        var store = new MemoryWebhookDeduplicator(_clock);
        var (webhook, signed, id) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await store.ConfirmAsync(signed, TimeSpan.FromMinutes(1), default);
        Assert.Equal([WebhookClaim.Claimed, WebhookClaim.Accepted, WebhookClaim.Claimed],
            await store.ClaimAsync([webhook, signed, id], 2, "a", TimeSpan.FromSeconds(10), default));
        Assert.Equal(1, store.Count);
    }
}
