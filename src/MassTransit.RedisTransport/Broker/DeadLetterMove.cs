using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Keyspace;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>
/// Moves a leased message to a dead-letter queue. It is one atomic step, fenced by the lease, if one script can use both queues: on every
/// server but a cluster, and on a cluster for the names that the transport gives by itself (<c>…_error</c>).
/// </summary>
internal static class DeadLetterMove
{
    /// <summary>
    /// How long a moved message is recognized as a duplicate. It is longer than any time for which a move may be repeated.
    /// </summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <returns>False if the lease was lost. The message then belongs to another consumer.</returns>
    public static async Task<bool> MoveAsync(QueueEngine engine, MessageQueue source, string target, LeasedMessage message,
        MessageRecord record, TimeSpan lease)
    {
        var queue = engine.Queue(target);
        if (QueueName.OriginalOf(target) == source.Name.Value)
        {
            record = With(record, null);
        }
        else
        {
            await engine.NoteDeadLettersAsync(target, source.Name.Value).ConfigureAwait(false);
            record = With(record, source.Name.Value);
        }

        var packed = record.Pack();
        if (source.Reaches(queue))
        {
            try
            {
                return await source.MoveAsync(message.Lease, queue, packed, Failure.Of(record)).ConfigureAwait(false);
            }
            catch (RedisTransportException exception) when (IsCrossSlot(exception) && source.Name.Tag != queue.Name.Tag)
            {
                // A proxy in front of a cluster looks like one server, but refuses the call as a cluster does.
            }
        }

        // Moves in two steps. Without the lease neither step begins, and a repetition stores the message only once. If the lease ends
        // between the steps, the message is in both queues, but never in none.
        if ((await source.RenewAsync([message.Lease], lease).ConfigureAwait(false)).Length > 0)
            return false;
        await queue.SendAsync(new OutgoingMessage(packed, message.Key.Priority, DedupeId: $"{source.Name}:{message.Lease}",
            DedupeWindow: Window, MessageCount: message.Key.MessageCount))
            .ConfigureAwait(false);
        return await source.SettleAsync(message.Lease).ConfigureAwait(false);
    }

    public static bool IsCrossSlot(RedisTransportException exception) =>
        exception.InnerException is RedisServerException server && server.Message.Contains("CROSSSLOT", StringComparison.Ordinal);

    /// <summary>
    /// Sets the header with the source queue. A value from the sender is replaced, because only the move knows the source.
    /// </summary>
    static MessageRecord With(MessageRecord record, string? source)
    {
        if (source is null && RecordHeaders.Find(record.Headers, RecordHeaders.DeadLetterSource) is null)
            return record;

        var headers = record.Headers.Where(x => !x.Key.Equals(RecordHeaders.DeadLetterSource, StringComparison.OrdinalIgnoreCase)).ToList();
        if (source is not null)
            headers.Add(new(RecordHeaders.DeadLetterSource, source));
        return new MessageRecord
        {
            MessageId = record.MessageId,
            ContentType = record.ContentType,
            TimeToLive = record.TimeToLive,
            Headers = headers,
            Body = record.Body,
        };
    }
}
