using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Keyspace;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>
/// Moves a leased message to a dead-letter queue. One atomic step, fenced by the lease, wherever one script reaches both queues:
/// on every server that is no cluster, and on a cluster for the names that the transport gives by itself (<c>…_error</c>).
/// </summary>
internal static class DeadLetterMove
{
    /// <summary>Above any time for which a move may be repeated.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <returns>False where the lease was lost; the message is then another consumer's.</returns>
    public static async Task<bool> MoveAsync(QueueEngine engine, MessageQueue source, string target, LeasedMessage message, MessageRecord record, TimeSpan lease)
    {
        var queue = engine.Queue(target);
        if (IsOwnOf(source.Name.Value, target))
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
                return await source.MoveAsync(message.Lease, queue, packed).ConfigureAwait(false);
            }
            catch (RedisTransportException exception) when (IsCrossSlot(exception) && source.Name.Tag != queue.Name.Tag)
            {
                // A proxy in front of a cluster shows itself as one server, and refuses as a cluster does.
            }
        }

        // In two steps: who has lost the lease begins neither, and what is stored is stored once however often this is repeated.
        // A lease that ends between them leaves the message in both queues, never in none.
        if ((await source.RenewAsync([message.Lease], lease).ConfigureAwait(false)).Length > 0)
            return false;
        await queue.SendAsync(new OutgoingMessage(packed, message.Key.Priority, DedupeId: $"{source.Name}:{message.Lease}", DedupeWindow: Window, MessageCount: message.Key.MessageCount))
            .ConfigureAwait(false);
        return await source.SettleAsync(message.Lease).ConfigureAwait(false);
    }

    public static bool IsCrossSlot(RedisTransportException exception) =>
        exception.InnerException is RedisServerException server && server.Message.Contains("CROSSSLOT", StringComparison.Ordinal);

    static bool IsOwnOf(string queue, string target) =>
        target.StartsWith(queue, StringComparison.Ordinal) && target[queue.Length..] is QueueName.ErrorSuffix or QueueName.SkippedSuffix;

    /// <summary>Only here is it said where a message came from: what its sender has said of that does not count.</summary>
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
