namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Remembers in this process. Bounded: when full, what would be forgotten next is forgotten at once, and a repeat of it is
/// published again with the same message id. Never what is being published, nor what was accepted last.
/// </summary>
internal sealed class MemoryWebhookDeduplicator(TimeProvider time) : IRepeatStore
{
    /// <summary>Of accepted keys, two or three a webhook. About 40 MB when full.</summary>
    const int DefaultCapacity = 300_000;

    readonly Lock _lock = new();
    readonly Dictionary<Guid, Entry> _entries = [];
    // Both may name entries that have changed since; each expires at its own time, so those are dropped when their turn comes.
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

    public Task ConfirmAsync(Guid webhook, TimeSpan window, CancellationToken cancellationToken) => ConfirmAsync([webhook], window, cancellationToken);

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

    public Task ReleaseAsync(Guid webhook, string owner, CancellationToken cancellationToken) => ReleaseAsync([webhook], owner, cancellationToken);

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
        !_entries.TryGetValue(key, out var entry) ? WebhookClaim.Claimed : entry.Owner is null ? WebhookClaim.Accepted : WebhookClaim.Pending;

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

    /// <summary>Only what is accepted: a claim that is forgotten lets a second request publish beside the first.</summary>
    void Evict(Guid[] newest)
    {
        var kept = new List<(Guid Key, long Expiry)>();
        while (_acceptedCount > Capacity && _accepted.TryDequeue(out var key, out var expiry))
        {
            // Soon forgotten by its window, and yet the most likely one to be repeated.
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

    /// <param name="Owner">Who claims it; <c>null</c> once it is accepted.</param>
    /// <param name="Expiry">When it is forgotten, milliseconds since 1970.</param>
    readonly record struct Entry(string? Owner, long Expiry);
}
