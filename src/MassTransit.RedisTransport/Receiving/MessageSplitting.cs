using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Sending;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>A message that is split off a record of many.</summary>
/// <param name="Message">The message.</param>
/// <param name="Configure">Sets its id and headers.</param>
/// <param name="Prepare">
/// Adds payloads for its consumer to the delivery in this process. A delivery in another process has none of them.
/// </param>
internal sealed record MessagePart<T>(T Message, Action<SendContext<T>> Configure, Action<ReceiveContext> Prepare)
    where T : class;

/// <summary>Splits a received record that holds many messages.</summary>
internal static class MessageSplitting
{
    /// <summary>
    /// Replaces the message that is being consumed by single ones with the same lease, in one step. The other messages of the record are
    /// done. The single messages keep its priority, place, conversation and trace, and are delivered to the consumers of their own type.
    /// </summary>
    /// <exception cref="ArgumentException">The message was not received by the Redis transport.</exception>
    public static Task SplitAsync<T>(ConsumeContext context, IReadOnlyList<MessagePart<T>> parts)
        where T : class
    {
        if (!context.TryGetPayload<RedisReceiveContext>(out var received))
            throw new ArgumentException("The message was not received by the Redis transport.", nameof(context));

        return received.SplitAsync([.. parts.Select(x => (Pack(context, received, x), x.Prepare))]);
    }

    static MessageRecord Pack<T>(ConsumeContext context, RedisReceiveContext received, MessagePart<T> part)
        where T : class
    {
        var send = new RedisSendContext<T>(part.Message, CancellationToken.None)
        {
            Serializer = received.Serialization.GetMessageSerializer(),
            ConversationId = context.ConversationId,
            InitiatorId = context.InitiatorId,
            SourceAddress = context.SourceAddress,
            DestinationAddress = received.InputAddress,
        };
        foreach (var header in context.Headers.GetAll())
            send.Headers.Set(header.Key, header.Value);
        part.Configure(send);

        // The body is written first, because serializers of raw bodies add headers while they write.
        var body = send.Body.GetBytes();
        return new MessageRecord
        {
            MessageId = send.MessageId ?? NewId.NextGuid(),
            ContentType = send.ContentType?.ToString(),
            Headers = HeaderMapping.Create(send.Headers, null, null),
            Body = body,
        };
    }
}
