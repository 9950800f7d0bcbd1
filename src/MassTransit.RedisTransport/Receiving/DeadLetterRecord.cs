using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Sending;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Creates the record of a message in a dead-letter queue: with the same id and body, its headers, and headers about the failure.
/// </summary>
internal static class DeadLetterRecord
{
    /// <param name="record">The message as it was received.</param>
    /// <param name="headers">The headers that tell the reason.</param>
    /// <param name="deliveries">How often it was delivered, including this time if a consumer has got it.</param>
    public static MessageRecord Create(MessageRecord record, SendHeaders headers, int deliveries)
    {
        headers.Set(RecordHeaders.DeliveryCount, deliveries);
        // A message that was redelivered already has the time of its first failure in its headers.
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
