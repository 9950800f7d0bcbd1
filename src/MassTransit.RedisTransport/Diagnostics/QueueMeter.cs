using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Diagnostics;

/// <summary>Counts for one queue: messages, of which several may share a record. Its tags are made once.</summary>
internal sealed class QueueMeter
{
    /// <summary>All queues that delete themselves: their names are as many as there are clients.</summary>
    public static readonly QueueMeter Temporary = new("temporary");

    static readonly QueueMeter Other = new("other");

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
    /// <param name="known">How many queues the process has met before.</param>
    public static QueueMeter Of(string queue, int known) => known < TransportMeter.MaxQueues ? new QueueMeter(queue) : Other;

    /// <summary>Somebody wants to know how many messages share a call.</summary>
    public static bool MeasuresGroups => TransportMeter.GroupSize.Enabled;

    /// <summary>The queue deletes itself: from now on it counts as one of those.</summary>
    public void IsTemporary()
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

    public void Leased(LeaseResult result)
    {
        if (result.Reclaimed > 0 && TransportMeter.Reclaimed.Enabled)
            TransportMeter.Reclaimed.Add(result.Reclaimed, _queue);
        if (result.Messages.Length == 0)
            return;
        if (TransportMeter.Delivered.Enabled)
            TransportMeter.Delivered.Add(result.Count, _queue);
        if (TransportMeter.GroupSize.Enabled)
            TransportMeter.GroupSize.Record(result.Count, _lease);
        if (TransportMeter.Redelivered.Enabled && Redelivered(result) is > 0 and var again)
            TransportMeter.Redelivered.Add(again, _queue);
    }

    static int Redelivered(LeaseResult result)
    {
        var count = 0;
        foreach (var message in result.Messages)
            count += message.DeliveryCount > 0 ? 1 + message.Key.Extra : 0;
        return count;
    }

    public void LeaseLost()
    {
        if (TransportMeter.LeasesLost.Enabled)
            TransportMeter.LeasesLost.Add(1, _queue);
    }
}
