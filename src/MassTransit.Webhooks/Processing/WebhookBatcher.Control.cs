namespace MassTransit.Webhooks;

/// <summary>The part that obeys what operators set for the queue.</summary>
internal sealed partial class WebhookBatcher<TProcessor>
{
    volatile bool _isPaused;
    long _countsFrom = long.MinValue;

    /// <summary>
    /// Obeys what operators have set. During a pause the batch that is being gathered still runs if a worker is free. All others that no
    /// worker has begun are given back, except for webhooks that have been tried: their retries in memory go on.
    /// </summary>
    /// <returns>How many webhooks the endpoint may hold.</returns>
    public int Obey(QueueOrder order)
    {
        var (min, max) = _options.WorkersUnder(order.Workers);
        _workers.Bound(min, max);
        List<BatchItem>? open = null;
        lock (_gate)
        {
            if (order.IsPaused != _isPaused)
            {
                _isPaused = order.IsPaused;
                if (_isPaused && _open.Count > 0)
                    open = TakeOpen();
                // Webhooks that have waited through the pause say nothing of the time that others take.
                if (!_isPaused)
                    Volatile.Write(ref _countsFrom, _time.GetUtcNow().UtcTicks);
            }
        }

        if (Scaling is not null)
            Scaling.IsPaused = order.IsPaused;
        if (order.IsPaused)
        {
            if (open is not null)
                _ = RunAsync(open);
            _workers.Dismiss();
        }

        return order.Limit is null ? _options.WindowOf(max) : Math.Min(_options.WindowOf(max), max * _options.BatchSize);
    }

    /// <summary>
    /// Waits for a worker. If the queue is paused meanwhile, the webhooks of the batch are given back that have not been tried. Returns
    /// false if none is left.
    /// </summary>
    async Task<bool> EnterAsync(List<BatchItem> batch)
    {
        while (true)
        {
            var entering = _workers.EnterAsync();
            var waits = !entering.IsCompleted;
            var entered = await entering.ConfigureAwait(false);
            if (waits && _isPaused && _options.GivesBack)
                batch.RemoveAll(GiveBackUntried);
            if (entered && batch.Count > 0)
                return true;
            if (entered)
                _workers.Leave();
            if (batch.Count == 0)
                return false;
        }
    }

    static bool GiveBackUntried(BatchItem item)
    {
        if (item.WasTried)
            return false;
        item.GiveBack();
        return true;
    }

    /// <summary>True if a webhook that comes now must not begin.</summary>
    bool IsHeldBack(BatchItem item) => _isPaused && _options.GivesBack && !item.WasTried;

    /// <summary>True if the time of the webhook counts: it has not waited through a pause.</summary>
    bool Counts(Webhook webhook) =>
        webhook.ReceivedAt <= DateTimeOffset.UnixEpoch || webhook.ReceivedAt.UtcTicks >= Volatile.Read(ref _countsFrom);
}
