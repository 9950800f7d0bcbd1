namespace MassTransit.Webhooks;

/// <summary>
/// What the webhooks of bundles that went back to the queue had come to, until those are delivered again in this process: what is done is not
/// done again. The newest <see cref="MaxBundles"/>; one that another process gets is forgotten in time.
/// </summary>
internal sealed class BundleMemory
{
    const int MaxBundles = 1_000;

    readonly Lock _gate = new();
    readonly Dictionary<Guid, WebhookResult?[]> _results = [];
    readonly Queue<Guid> _order = new();

    /// <param name="bundle">The message's id.</param>
    /// <param name="results">One for each webhook, <c>null</c> where it has not been tried.</param>
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

    /// <summary>Once: the results of as many webhooks, or <c>null</c>.</summary>
    public WebhookResult?[]? Take(Guid? bundle, int count)
    {
        if (bundle is not { } id)
            return null;

        lock (_gate)
            return _results.Remove(id, out var results) && results.Length == count ? results : null;
    }
}
