namespace MassTransit.RedisTransport.Diagnostics;

/// <summary>Counts the messages of one queue; several may share a record. Its tags are created once.</summary>
internal sealed class QueueMeter
{
    /// <summary>The meter of all queues that delete themselves. They share it, because there are as many of them as clients.</summary>
    public static readonly QueueMeter Temporary = new("temporary");

    /// <summary>The meter of all queues without their own series.</summary>
    public static readonly QueueMeter Other = new("other");

    KeyValuePair<string, object?>[] _queue;
    KeyValuePair<string, object?>[] _send;
    KeyValuePair<string, object?>[] _lease;
    KeyValuePair<string, object?>[] _settle;

    QueueMeter(string queue)
    {
        var tag = new KeyValuePair<string, object?>("queue", queue);
        _queue = [tag];
        _send = [tag, new("operation", "send")];
        _lease = [tag, new("operation", "lease")];
        _settle = [tag, new("operation", "settle")];
    }

    /// <param name="queue">The queue's name.</param>
    /// <param name="known">How many queues the process has used before.</param>
    public static QueueMeter Of(string queue, int known) => known < TransportMeter.MaxQueues ? new QueueMeter(queue) : Other;

    /// <summary>True if somebody listens to the number of messages that share a call.</summary>
    public static bool MeasuresGroups => TransportMeter.GroupSize.Enabled;

    /// <summary>True if somebody listens to the number of redelivered messages.</summary>
    public static bool CountsRedelivered => TransportMeter.Redelivered.Enabled;

    /// <summary>Counts the queue as one of those that delete themselves from now on.</summary>
    public void CountAsTemporary()
    {
        if (ReferenceEquals(this, Other))
            return;
        (_queue, _send, _lease, _settle) = (Temporary._queue, Temporary._send, Temporary._lease, Temporary._settle);
    }

    public void Sent(int messages)
    {
        if (messages == 0)
            return;
        if (TransportMeter.Sent.Enabled)
            TransportMeter.Sent.Add(messages, _queue);
        if (TransportMeter.GroupSize.Enabled)
            TransportMeter.GroupSize.Record(messages, _send);
    }

    public void Settled(int messages)
    {
        if (messages > 0 && TransportMeter.GroupSize.Enabled)
            TransportMeter.GroupSize.Record(messages, _settle);
    }

    /// <summary>Counts the result of a lease call.</summary>
    /// <param name="messages">How many messages were leased.</param>
    /// <param name="reclaimed">How many messages were taken back from expired leases.</param>
    /// <param name="redelivered">
    /// How many of <paramref name="messages"/> were delivered before; needed only with <see cref="CountsRedelivered"/>.
    /// </param>
    public void Leased(int messages, int reclaimed, int redelivered)
    {
        if (reclaimed > 0 && TransportMeter.Reclaimed.Enabled)
            TransportMeter.Reclaimed.Add(reclaimed, _queue);
        if (messages == 0)
            return;
        if (TransportMeter.Delivered.Enabled)
            TransportMeter.Delivered.Add(messages, _queue);
        if (TransportMeter.GroupSize.Enabled)
            TransportMeter.GroupSize.Record(messages, _lease);
        if (redelivered > 0 && TransportMeter.Redelivered.Enabled)
            TransportMeter.Redelivered.Add(redelivered, _queue);
    }

    public void LeaseLost()
    {
        if (TransportMeter.LeasesLost.Enabled)
            TransportMeter.LeasesLost.Add(1, _queue);
    }
}
