using System.Diagnostics;
using System.Globalization;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.Serialization;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Keeps messages from the consumer that must not reach it: unreadable records, messages that were delivered too often, and expired ones.
/// </summary>
internal sealed class DeliveryGuard(RedisReceiveEndpointContext context, RedisReceiveSettings settings, ILogger logger)
{
    const string RawContentType = "application/octet-stream";

    /// <summary>
    /// How often a record that holds many messages is delivered beyond the limit, so that it can be split. A fault of one message must not
    /// affect the others.
    /// </summary>
    const int BundleGrace = 3;

    /// <summary>
    /// True if the message was delivered before without success. A record that holds many messages is split only then, whatever the limit:
    /// after a crash the split messages in this process have each failed by themselves, while a failure of the whole record says nothing
    /// about a single message.
    /// </summary>
    public static bool ComesAgain(Delivery delivery) => delivery.Message.DeliveryCount > 0;

    /// <summary>
    /// A message that was split off a record of many. It gets at least one delivery of its own, however often the record was delivered.
    /// </summary>
    public LeasedMessage PartOf(LeasedMessage whole, LeasedMessage part) =>
        part with { DeliveryCount = Math.Min(whole.DeliveryCount, settings.MaxDeliveryCount - 1) };

    /// <summary>Returns the record to consume, or <c>null</c> if the message was handled here.</summary>
    public async ValueTask<MessageRecord?> AdmitAsync(ILeaseHolder holder, Delivery delivery)
    {
        if (delivery.Message.Record is not { } bytes)
        {
            await UnreadableAsync(holder, delivery, default, "unreadable",
                "The body is missing: something deleted it behind the transport's back.")
                .ConfigureAwait(false);
            return null;
        }

        if (!MessageRecord.TryParse(bytes, out var record))
        {
            await UnreadableAsync(holder, delivery, bytes, "unreadable",
                "The record is damaged, or was written by a newer version of the transport.")
                .ConfigureAwait(false);
            return null;
        }

        if (delivery.Message.Stray)
        {
            await StrayAsync(holder, delivery, record).ConfigureAwait(false);
            return null;
        }

        if (delivery.Message.DeliveryCount >= settings.MaxDeliveryCount + (delivery.Message.Key.MessageCount > 1 ? BundleGrace : 0))
        {
            await ExhaustedAsync(holder, delivery, record).ConfigureAwait(false);
            return null;
        }

        if (!IsExpired(delivery, record))
            return record;

        if (settings.DeadLetterExpiredMessages)
            await MoveAsync(holder, delivery, context.SkippedQueue, record, Reason("expired")).ConfigureAwait(false);
        else
            await holder.CompleteAsync(delivery).ConfigureAwait(false);
        return null;
    }

    /// <summary>True if the time to live is over. It begins when the message becomes available, by the server's clock.</summary>
    static bool IsExpired(Delivery delivery, MessageRecord record)
    {
        if (record.TimeToLive is not { } ttl)
            return false;

        var now = delivery.ServerTime + (long)Stopwatch.GetElapsedTime(delivery.LeasedAt).TotalMilliseconds;
        return now - delivery.Message.Key.PlaceMilliseconds > ttl.TotalMilliseconds;
    }

    Task UnreadableAsync(ILeaseHolder holder, Delivery delivery, ReadOnlyMemory<byte> bytes, string reason, string explanation)
    {
        LogMessages.Unreadable(logger, settings.QueueName, delivery.Message.Lease.ToString(), context.ErrorQueue, explanation);
        var raw = new MessageRecord { MessageId = NewId.NextGuid(), ContentType = RawContentType, Body = bytes };
        var headers = Reason(reason);
        headers.Set(MessageHeaders.FaultMessage, explanation);
        return MoveAsync(holder, delivery, context.ErrorQueue, raw, headers);
    }

    /// <summary>
    /// Moves a stray record to the error queue. It is unknown whether it was consumed, so an operator must decide to replay or delete it.
    /// </summary>
    Task StrayAsync(ILeaseHolder holder, Delivery delivery, MessageRecord record)
    {
        LogMessages.Stray(logger, settings.QueueName, delivery.Message.Lease.ToString(), context.ErrorQueue);
        var headers = Reason("stray");
        headers.Set(MessageHeaders.FaultMessage,
            "The record was in none of the queue's sets: something wrote into its keys behind the transport's back. "
            + "The message may have been consumed before.");
        return MoveAsync(holder, delivery, context.ErrorQueue, record, headers);
    }

    Task ExhaustedAsync(ILeaseHolder holder, Delivery delivery, MessageRecord record)
    {
        LogMessages.DeliveryLimitReached(logger, settings.QueueName, delivery.Message.Lease.ToString(), delivery.Message.DeliveryCount,
            context.ErrorQueue);
        var headers = Reason("max-delivery-count");
        headers.Set(MessageHeaders.FaultMessage, string.Create(CultureInfo.InvariantCulture,
            $"The message was delivered {delivery.Message.DeliveryCount} times without success: its consumer crashed, lost its lease, or "
                + $"faulted outside its retries."));
        return MoveAsync(holder, delivery, context.ErrorQueue, record, headers);
    }

    static Task MoveAsync(ILeaseHolder holder, Delivery delivery, string target, MessageRecord record, SendHeaders headers) =>
        holder.MoveAsync(delivery, target, DeadLetterRecord.Create(record, headers, delivery.Message.DeliveryCount));

    DictionarySendHeaders Reason(string reason)
    {
        var headers = new DictionarySendHeaders();
        headers.SetHostHeaders();
        headers.Set(MessageHeaders.Reason, reason);
        headers.Set(MessageHeaders.FaultInputAddress, context.InputAddress.ToString());
        headers.Set(MessageHeaders.FaultTimestamp, TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        return headers;
    }
}
