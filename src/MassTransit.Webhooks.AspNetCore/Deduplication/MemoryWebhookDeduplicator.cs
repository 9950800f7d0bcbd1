namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Remembers accepted webhooks in the memory of this process. The memory is bounded: when it is full, the entry that would expire next is
/// dropped, and a repeat of it is published again with the same message id. Webhooks that are being published and the one that was accepted
/// last are never dropped.
/// </summary>
internal sealed class MemoryWebhookDeduplicator(TimeProvider time) : IRepeatStore
{
    /// <summary>How many accepted keys are remembered, two or three a webhook. A full store takes about 40 MB.</summary>
    const int DefaultCapacity = 300_000;

    readonly Lock _lock = new();
    readonly Dictionary<Guid, Entry> _entries = [];
    // Both queues may hold outdated entries, because an entry can change after it was queued. Outdated entries are skipped when their time
    // comes.
    readonly PriorityQueue<Guid, long> _pending = new();
    readonly PriorityQueue<Guid, long> _accepted = new();
    int _acceptedCount;

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
            return Task.FromResult(Claim(webhook, owner, pending));
        }
    }

    public Task<WebhookClaim[]> ClaimAsync(Guid[] keys, int decisive, string owner, TimeSpan pending, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Forget();
            var isFree = !keys.Take(decisive).Any(_entries.ContainsKey);
            return Task.FromResult(Array.ConvertAll(keys, x => isFree ? Claim(x, owner, pending) : Find(x)));
        }
    }

    public Task ConfirmAsync(Guid webhook, TimeSpan window, CancellationToken cancellationToken) =>
        ConfirmAsync([webhook], window, cancellationToken);

    public Task ConfirmAsync(Guid[] keys, TimeSpan window, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var key in keys)
                Set(key, null, window);
            Evict(keys);
        }

        return Task.CompletedTask;
    }

    public Task ReleaseAsync(Guid webhook, string owner, CancellationToken cancellationToken) =>
        ReleaseAsync([webhook], owner, cancellationToken);

    public Task ReleaseAsync(Guid[] keys, string owner, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var key in keys)
            {
                if (_entries.TryGetValue(key, out var entry) && entry.Owner == owner)
                    _entries.Remove(key);
            }
        }

        return Task.CompletedTask;
    }

    WebhookClaim Find(Guid key) =>
        !_entries.TryGetValue(key, out var entry) ? WebhookClaim.Claimed : entry.Owner is null
            ? WebhookClaim.Accepted : WebhookClaim.Pending;

    WebhookClaim Claim(Guid key, string owner, TimeSpan pending)
    {
        var found = Find(key);
        if (found == WebhookClaim.Claimed)
            Set(key, owner, pending);
        return found;
    }

    void Set(Guid key, string? owner, TimeSpan lifetime)
    {
        var expiry = Now + (long)lifetime.TotalMilliseconds;
        if (_entries.TryGetValue(key, out var before) && before.Owner is null)
            _acceptedCount--;
        _entries[key] = new Entry(owner, expiry);
        if (owner is null)
            _acceptedCount++;
        (owner is null ? _accepted : _pending).Enqueue(key, expiry);
    }

    /// <summary>
    /// Drops accepted keys only. If a claim were dropped, a second request could publish the same webhook at the same time.
    /// </summary>
    void Evict(Guid[] newest)
    {
        var kept = new List<(Guid Key, long Expiry)>();
        while (_acceptedCount > Capacity && _accepted.TryDequeue(out var key, out var expiry))
        {
            // The newest keys may be the next to expire, but they are the most likely to be repeated, so they are kept.
            if (newest.Contains(key) && IsCurrent(key, expiry))
                kept.Add((key, expiry));
            else
                RemoveAt(key, expiry);
        }

        foreach (var (key, expiry) in kept)
            _accepted.Enqueue(key, expiry);
    }

    void Forget()
    {
        foreach (var queue in new[] { _pending, _accepted })
        {
            while (queue.TryPeek(out var key, out var expiry) && expiry <= Now)
            {
                queue.Dequeue();
                RemoveAt(key, expiry);
            }
        }
    }

    bool IsCurrent(Guid key, long expiry) => _entries.TryGetValue(key, out var entry) && entry.Expiry == expiry;

    void RemoveAt(Guid key, long expiry)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.Expiry != expiry)
            return;
        _entries.Remove(key);
        if (entry.Owner is null)
            _acceptedCount--;
    }

    long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <param name="Owner">The owner of the claim; <c>null</c> after the webhook is accepted.</param>
    /// <param name="Expiry">When the entry expires, in milliseconds since 1970.</param>
    readonly record struct Entry(string? Owner, long Expiry);
}
