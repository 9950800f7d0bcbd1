using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Records;
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
            Headers = HeaderMapping.Merge(record.Headers, headers),
            Body = record.Body,
        };
    }
}
