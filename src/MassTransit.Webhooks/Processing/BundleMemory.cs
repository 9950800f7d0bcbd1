namespace MassTransit.Webhooks;

/// <summary>
/// Keeps the results of bundles that went back to their queue until this process gets them again, so that finished webhooks are not
/// processed twice. It keeps the newest <see cref="MaxBundles"/>, so results of a bundle that another process gets are dropped in time.
/// </summary>
internal sealed class BundleMemory
{
    const int MaxBundles = 1_000;

    readonly Lock _gate = new();
    readonly Dictionary<Guid, WebhookResult?[]> _results = [];
    readonly Queue<Guid> _order = new();

    /// <param name="bundle">The message's id.</param>
    /// <param name="results">One for each webhook; <c>null</c> if it has not been tried.</param>
    public void Keep(Guid? bundle, WebhookResult?[] results)
    {
        if (bundle is not { } id || Array.TrueForAll(results, static x => x is null))
            return;

        lock (_gate)
        {
            _results[id] = results;
            _order.Enqueue(id);
            while (_order.Count > MaxBundles)
                _results.Remove(_order.Dequeue());
        }
    }

    /// <summary>Returns and removes the results of a bundle; <c>null</c> if there are none for so many webhooks.</summary>
    public WebhookResult?[]? Take(Guid? bundle, int count)
    {
        if (bundle is not { } id)
            return null;

        lock (_gate)
            return _results.Remove(id, out var results) && results.Length == count ? results : null;
    }
}
