using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Keyspace;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>Wakes one receiver when a message was sent to its queue.</summary>
internal sealed class WakeUpSubscription
{
    /// <summary>What the control script publishes. Messages that were sent are announced by another value.</summary>
    const string ControlSign = "control";

    readonly RedisConnection _connection;
    readonly QueueKeys _keys;
    readonly Action<RedisChannel, RedisValue> _handler;

    /// <param name="connection">The connection. If it is replaced, the subscription continues on the new one.</param>
    /// <param name="keys">The keys of the queue.</param>
    /// <param name="wake">
    /// Called when messages were sent, or with <c>true</c> when operators have changed something. It must not block.
    /// </param>
    public WakeUpSubscription(RedisConnection connection, QueueKeys keys, Action<bool> wake)
    {
        _connection = connection;
        _keys = keys;
        _handler = (_, value) => wake(value == ControlSign);
    }

    /// <summary>The channel, as it is written in an access rule of the server.</summary>
    public string Channel => _keys.WakeChannelName;

    /// <returns>Why the server's user may not subscribe; <c>null</c> if it may.</returns>
    /// <exception cref="RedisTransportException">The server cannot be reached.</exception>
    public async Task<Exception?> SubscribeAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _connection.SubscribeAsync(_keys.WakeChannel, _handler, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (RedisServerException exception) when (!RedisErrors.IsTransient(exception))
        {
            return exception;
        }
    }

    /// <summary>Unsubscribes. It does not wait for the server and also works without one.</summary>
    public void Unsubscribe()
    {
        try
        {
            _connection.Unsubscribe(_keys.WakeChannel, _handler);
        }
        catch (Exception exception)
            when (RedisErrors.IsTransient(exception) || RedisErrors.IsOfClient(exception) || exception is ObjectDisposedException)
        {
            // Without the server there is nothing to unsubscribe.
        }
    }
}
