using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Ends the sleep of an idle receiver when a message was sent, a time is due, or the connection is back. If the server's user may not
/// subscribe, the receiver polls more often instead.
/// </summary>
internal sealed class WakeUps
{
    const int PollsPerSecond = 4;

    /// <summary>The interval of polls, in case a wake-up was lost. It keeps an idle endpoint at one call a second.</summary>
    static readonly TimeSpan SafetyPoll = TimeSpan.FromSeconds(1);

    readonly MessageQueue _queue;
    readonly ILogger _logger;
    readonly WakeUpSubscription _subscription;
    readonly AsyncSignal _wake = new();
    volatile bool _listening;
    bool _refused;

    /// <param name="queue">The queue.</param>
    /// <param name="look">
    /// Called when operators have changed something, so that a receiver that does not sleep looks too. It must not block.
    /// </param>
    /// <param name="logger">The logger of the endpoint.</param>
    public WakeUps(MessageQueue queue, Action look, ILogger logger)
    {
        _queue = queue;
        _logger = logger;
        _subscription = queue.CreateWakeUps(isControl =>
        {
            if (isControl)
                look();
            _wake.Set();
        });
    }

    public void Set() => _wake.Set();

    /// <summary>Called when the connection is back. The user's rights may have changed.</summary>
    public void OnRestored()
    {
        if (_refused)
            _listening = false;
        Set();
    }

    /// <summary>Subscribes, if that has not been done yet.</summary>
    /// <exception cref="RedisTransportException">The server cannot be reached.</exception>
    public async ValueTask ListenAsync(CancellationToken cancellationToken)
    {
        if (_listening)
            return;

        var refusal = await _subscription.SubscribeAsync(cancellationToken).ConfigureAwait(false);
        if (refusal is not null && !_refused)
            LogMessages.WakeUpsRefused(_logger, _queue.Name.Value, _subscription.Channel, PollsPerSecond, refusal);
        _refused = refusal is not null;
        _listening = true;
    }

    /// <summary>Sleeps until a message is due, the receiver is woken up, or the next poll.</summary>
    public async Task SleepAsync(TimeSpan? nextDue, CancellationToken stopping)
    {
        var poll = _refused ? SafetyPoll / PollsPerSecond : SafetyPoll;
        var sleep = nextDue is { } due && due < poll ? due : poll;
        if (sleep > TimeSpan.Zero)
            await _wake.WaitAsync(sleep, stopping).ConfigureAwait(false);
    }

    public Task PauseAsync(TimeSpan pause, CancellationToken stopping) => _wake.WaitAsync(pause, stopping);

    public void Stop() => _subscription.Unsubscribe();
}
