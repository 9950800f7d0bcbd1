using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Says whether the store of known webhooks is worth waiting for. After a few failures in a row it is not, and only this asks it, until
/// it answers. Told once when it begins to fail, and once when it answers again.
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

    /// <summary>Whether nobody is to ask the store.</summary>
    public bool IsOpen => Volatile.Read(ref _failures) >= MaxFailures;

    /// <summary>Why the store cannot be asked; <c>null</c> where it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>A request has had all it asked for.</summary>
    public void Succeeded()
    {
        // As good as always.
        if (Volatile.Read(ref _failures) == 0)
            return;
        lock (_lock)
        {
            // One answer that was on its way does not mend it: the probe does.
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
            // The application ends.
        }
    }

    async Task<bool> TryProbeAsync()
    {
        using var cancellation = new CancellationTokenSource(ProbeTimeout);
        try
        {
            var probe = Guid.NewGuid();
            // All that requests ask for: a store may answer to one and hang at the other.
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
