using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Decides whether requests call the store of known webhooks. After a few failures in a row they do not, and only this class asks the store
/// until it answers. It logs once when the store begins to fail, and once when it answers again.
/// </summary>
internal sealed class StoreBreaker(IWebhookDeduplicator store, ILogger logger) : IDisposable
{
    const int MaxFailures = 3;

    static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    readonly Lock _lock = new();
    readonly CancellationTokenSource _stopping = new();
    int _failures;
    bool _isProbed;

    internal TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether requests must not call the store.</summary>
    public bool IsOpen => Volatile.Read(ref _failures) >= MaxFailures;

    /// <summary>Why the store cannot be asked; <c>null</c> if it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Counts a request whose calls have all succeeded.</summary>
    public void Succeeded()
    {
        // The usual case, without a lock.
        if (Volatile.Read(ref _failures) == 0)
            return;
        lock (_lock)
        {
            // While the breaker is open, only the probe closes it, not a late answer to an earlier request.
            if (_failures == 0 || _isProbed)
                return;
            Close();
        }
    }

    public void Failed(Exception exception)
    {
        lock (_lock)
        {
            if (_failures++ == 0)
                LogMessages.DeduplicationFailed(logger, exception, exception.Message);
            Problem = exception.Message;
            if (_failures < MaxFailures || _isProbed)
                return;
            _isProbed = true;
        }

        _ = ProbeAsync();
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    void Close()
    {
        _failures = 0;
        Problem = null;
        LogMessages.DeduplicationWorks(logger);
    }

    async Task ProbeAsync()
    {
        try
        {
            var stopping = _stopping.Token;
            while (true)
            {
                await Task.Delay(ProbeInterval, stopping).ConfigureAwait(false);
                if (!await TryProbeAsync().ConfigureAwait(false))
                    continue;
                lock (_lock)
                {
                    _isProbed = false;
                    Close();
                }

                return;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The application stops.
        }
    }

    async Task<bool> TryProbeAsync()
    {
        using var cancellation = new CancellationTokenSource(ProbeTimeout);
        try
        {
            var probe = Guid.NewGuid();
            // The probe makes all calls that a request makes, because a store may answer to one and hang at another.
            var probing = Task.Run(async () =>
            {
                await store.ClaimAsync(probe, "probe", ProbeTimeout, cancellation.Token).ConfigureAwait(false);
                await store.ConfirmAsync(probe, ProbeTimeout, cancellation.Token).ConfigureAwait(false);
            }, cancellation.Token);
            probing.ObserveFailure();
            await probing.WaitAsync(ProbeTimeout).ConfigureAwait(false);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
