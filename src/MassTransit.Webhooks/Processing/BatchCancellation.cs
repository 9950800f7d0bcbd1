namespace MassTransit.Webhooks;

/// <summary>Cancels when every message of a batch is cancelled. One lost lease must not end the work for the others.</summary>
internal sealed class BatchCancellation : IDisposable
{
    readonly CancellationTokenSource _source = new();
    readonly List<CancellationTokenRegistration> _registrations;
    int _left = 1;

    public BatchCancellation(List<BatchItem> batch)
    {
        _registrations = new List<CancellationTokenRegistration>(batch.Count);
        CancellationToken before = default;
        for (var i = 0; i < batch.Count; i++)
        {
            // The webhooks of a bundle share one token.
            var token = batch[i].CancellationToken;
            if (i > 0 && token == before)
                continue;

            before = token;
            Interlocked.Increment(ref _left);
            _registrations.Add(token.UnsafeRegister(static state => ((BatchCancellation)state!).OnCancelled(), this));
        }

        OnCancelled();
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    void OnCancelled()
    {
        if (Interlocked.Decrement(ref _left) == 0)
            _source.Cancel();
    }
}
