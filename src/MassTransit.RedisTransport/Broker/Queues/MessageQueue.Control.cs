namespace MassTransit.RedisTransport.Broker.Queues;

internal sealed partial class MessageQueue
{
    ReleaseLane? _release;

    /// <summary>
    /// Returns a message to its old place at once, with no delivery counted. Concurrent returns share a call. A lease that was lost is
    /// no failure.
    /// </summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public Task GiveBackAsync(LeaseHandle lease)
    {
        var lane = _release
            ?? Interlocked.CompareExchange(ref _release, new ReleaseLane(_runner, Keys, _timeout), null) ?? _release;
        return lane.ReleaseAsync(lease);
    }
}
