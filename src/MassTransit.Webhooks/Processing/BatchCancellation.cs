namespace MassTransit.Webhooks;

/// <summary>Fires when every message of a batch was cancelled: one lost lease must not end the work for the others.</summary>
internal sealed class BatchCancellation : IDisposable
{
    readonly CancellationTokenSource _source = new();
    readonly CancellationTokenRegistration[] _registrations;
    int _left;

    public BatchCancellation(List<CancellationToken> tokens)
    {
        _left = tokens.Count;
        _registrations = new CancellationTokenRegistration[tokens.Count];
        for (var i = 0; i < tokens.Count; i++)
            _registrations[i] = tokens[i].UnsafeRegister(static state => ((BatchCancellation)state!).OnCancelled(), this);
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
