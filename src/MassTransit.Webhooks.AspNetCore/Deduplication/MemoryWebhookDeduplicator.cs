namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Remembers in this process. Bounded: when full, what would be forgotten next is forgotten at once, and a repeat of it is
/// published again with the same message id.
/// </summary>
internal sealed class MemoryWebhookDeduplicator(TimeProvider time) : IWebhookDeduplicator
{
    /// <summary>About 20 MB when full.</summary>
    const int DefaultCapacity = 100_000;

    readonly Lock _lock = new();
    readonly Dictionary<Guid, Entry> _entries = [];
    // May name entries that have changed since; each expires at its own time, so those are dropped when their turn comes.
    readonly PriorityQueue<Guid, long> _expiries = new();

    internal int Capacity { get; init; } = DefaultCapacity;

    internal int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    public Task<WebhookClaim> ClaimAsync(Guid webhook, string owner, TimeSpan pending, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Forget();
            if (_entries.TryGetValue(webhook, out var entry))
                return Task.FromResult(entry.Owner is null ? WebhookClaim.Accepted : WebhookClaim.Pending);
            Set(webhook, owner, pending);
            return Task.FromResult(WebhookClaim.Claimed);
        }
    }

    public Task ConfirmAsync(Guid webhook, TimeSpan window, CancellationToken cancellationToken)
    {
        lock (_lock)
            Set(webhook, null, window);
        return Task.CompletedTask;
    }

    public Task ReleaseAsync(Guid webhook, string owner, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(webhook, out var entry) && entry.Owner == owner)
                _entries.Remove(webhook);
        }

        return Task.CompletedTask;
    }

    void Set(Guid webhook, string? owner, TimeSpan lifetime)
    {
        var expiry = Now + (long)lifetime.TotalMilliseconds;
        _entries[webhook] = new Entry(owner, expiry);
        _expiries.Enqueue(webhook, expiry);
        while (_entries.Count > Capacity && _expiries.TryDequeue(out var oldest, out var at))
            RemoveAt(oldest, at);
    }

    void Forget()
    {
        while (_expiries.TryPeek(out var webhook, out var at) && at <= Now)
        {
            _expiries.Dequeue();
            RemoveAt(webhook, at);
        }
    }

    void RemoveAt(Guid webhook, long expiry)
    {
        if (_entries.TryGetValue(webhook, out var entry) && entry.Expiry == expiry)
            _entries.Remove(webhook);
    }

    long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <param name="Owner">Who claims it; <c>null</c> once it is accepted.</param>
    /// <param name="Expiry">When it is forgotten, milliseconds since 1970.</param>
    readonly record struct Entry(string? Owner, long Expiry);
}
