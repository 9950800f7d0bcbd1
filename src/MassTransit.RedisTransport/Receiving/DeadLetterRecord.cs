using System.Globalization;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Sending;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>What a message becomes in a dead-letter queue: same id, same body, its headers and what is known of its failure.</summary>
internal static class DeadLetterRecord
{
    /// <param name="record">The message as it was received.</param>
    /// <param name="headers">Why it is moved.</param>
    /// <param name="deliveries">How often it was delivered, this time included where it was.</param>
    public static MessageRecord Create(MessageRecord record, SendHeaders headers, int deliveries)
    {
        headers.Set(RecordHeaders.DeliveryCount, deliveries);
        // A message that was redelivered has failed before, and brings the time of that along.
        if (RecordHeaders.Find(record.Headers, RecordHeaders.FirstFaultTimestamp) is null
            && headers.TryGetHeader(MessageHeaders.FaultTimestamp, out var timestamp))
            headers.Set(RecordHeaders.FirstFaultTimestamp, timestamp);
        return new MessageRecord
        {
            MessageId = record.MessageId,
            ContentType = record.ContentType,
            Headers = RecordHeaders.Merge(record.Headers, headers),
            Body = record.Body,
        };
    }

    /// <summary>
    /// What a message that its consumer sends again for later keeps: when it failed first, and that it was replayed. It is
    /// a new message in all but name, so that this would be lost. Kept beside the body, which is not written anew for it.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<string, object>> CarryOver(SendContext context, IReadOnlyList<KeyValuePair<string, object>> headers)
    {
        if (!context.Headers.TryGetHeader(MessageHeaders.RedeliveryCount, out _) || !context.TryGetPayload<ConsumeContext>(out var consumed)
            || !consumed.TryGetPayload<RedisReceiveContext>(out var received))
            return headers;

        var list = new List<KeyValuePair<string, object>>(headers.Count + 3);
        list.AddRange(headers);
        foreach (var name in (ReadOnlySpan<string>)[RecordHeaders.FirstFaultTimestamp, RecordHeaders.ReplayCount, RecordHeaders.ReplayedFrom])
        {
            if (RecordHeaders.Find(headers, name) is null && RecordHeaders.Find(received.Record.Headers, name) is { } value)
                list.Add(new(name, value));
        }

        if (RecordHeaders.Find(list, RecordHeaders.FirstFaultTimestamp) is null)
            list.Add(new(RecordHeaders.FirstFaultTimestamp, TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)));
        return list;
    }
}
