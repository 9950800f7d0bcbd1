using System.Collections.Concurrent;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Remembers what a store has answered about the tenants of one receiver. Strangers may ask for any number of tenants that do not exist:
/// those are remembered apart from the ones that do, both within limits, and only so many are looked up at a time.
/// </summary>
internal sealed class TenantCache(TimeProvider time)
{
    /// <summary>How many tenants are remembered; a tenant with its secrets has some hundred bytes.</summary>
    const int MostKnown = 100_000;

    /// <summary>How many that do not exist are remembered.</summary>
    const int MostUnknown = 10_000;

    /// <summary>How many lookups are under way at a time. What is more is asked to come again.</summary>
    const int MostLookups = 256;

    /// <summary>How long a store may fail before what it had answered counts no longer.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    readonly ConcurrentDictionary<string, Entry> _known = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, Entry> _unknown = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, Task<WebhookTenant?>> _lookups = new(StringComparer.Ordinal);

    /// <summary>How many answers are remembered.</summary>
    internal int Count => _known.Count + _unknown.Count;

    /// <param name="tenant">The tenant in the address.</param>
    /// <param name="lifetime">How long an answer counts.</param>
    /// <param name="find">Asks the store. It ends in time.</param>
    /// <returns>The tenant; <c>null</c> if there is none.</returns>
    /// <exception cref="Exception">The store has failed, and the tenant was not known.</exception>
    public async ValueTask<WebhookTenant?> GetAsync(string tenant, TimeSpan lifetime, Func<string, Task<WebhookTenant?>> find)
    {
        var isKnown = _known.TryGetValue(tenant, out var entry) || _unknown.TryGetValue(tenant, out entry);
        if (isKnown && time.GetElapsedTime(entry.At) < lifetime)
            return entry.Tenant;
        try
        {
            return await LookupAsync(tenant, find).ConfigureAwait(false);
        }
        catch (Exception) when (isKnown && time.GetElapsedTime(entry.At) < lifetime + Grace)
        {
            return entry.Tenant;
        }
    }

    /// <summary>Requests that come meanwhile wait for the same answer.</summary>
    async Task<WebhookTenant?> LookupAsync(string tenant, Func<string, Task<WebhookTenant?>> find)
    {
        var source = new TaskCompletionSource<WebhookTenant?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var lookup = _lookups.GetOrAdd(tenant, source.Task);
        if (lookup != source.Task)
            return await lookup.ConfigureAwait(false);
        try
        {
            if (_lookups.Count > MostLookups)
                throw new InvalidOperationException($"More than {MostLookups} tenants are being looked up.");
            var found = await find(tenant).ConfigureAwait(false);
            Remember(tenant, found);
            source.SetResult(found);
        }
        catch (Exception exception)
        {
            source.SetException(exception);
        }
        finally
        {
            _lookups.TryRemove(tenant, out _);
        }

        return await source.Task.ConfigureAwait(false);
    }

    void Remember(string tenant, WebhookTenant? found)
    {
        var (cache, most, other) = found is null ? (_unknown, MostUnknown, _known) : (_known, MostKnown, _unknown);
        // Beginning anew costs each tenant one lookup, and needs no order of use that strangers could play with.
        if (cache.Count >= most)
            cache.Clear();
        cache[tenant] = new Entry(found, time.GetTimestamp());
        other.TryRemove(tenant, out _);
    }

    readonly record struct Entry(WebhookTenant? Tenant, long At);
}
