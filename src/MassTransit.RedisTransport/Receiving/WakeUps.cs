using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Ends the sleep of an idle receiver when a message was sent, a time is due, or the connection is back. If the server's user may not
/// subscribe, the receiver polls more often instead.
/// </summary>
internal sealed class WakeUps(MessageQueue queue, QueueEngine engine, ILogger logger)
{
    const int PollsPerSecond = 4;

    /// <summary>The interval of polls, in case a wake-up was lost. It keeps an idle endpoint at one call a second.</summary>
    static readonly TimeSpan SafetyPoll = TimeSpan.FromSeconds(1);

    readonly AsyncSignal _wake = new();
    volatile bool _listening;
    bool _refused;

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

        try
        {
            await engine.Connection.SubscribeAsync(queue.Keys.WakeChannel, OnWake, cancellationToken).ConfigureAwait(false);
            _refused = false;
        }
        catch (RedisServerException exception) when (!RedisErrors.IsTransient(exception))
        {
            if (!_refused)
                LogMessages.WakeUpsRefused(logger, queue.Name.Value, queue.Keys.WakeChannelName, PollsPerSecond, exception);
            _refused = true;
        }

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

    public void Stop()
    {
        try
        {
            engine.Connection.Unsubscribe(queue.Keys.WakeChannel, OnWake);
        }
        catch (Exception exception) when (RedisErrors.IsTransient(exception) || exception is RedisException or ObjectDisposedException)
        {
            // Without the server there is nothing to unsubscribe.
        }
    }

    void OnWake(RedisChannel channel, RedisValue value) => _wake.Set();
}
