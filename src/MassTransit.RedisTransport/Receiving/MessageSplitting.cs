using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Sending;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>A message that is to stand by itself.</summary>
/// <param name="Message">The message.</param>
/// <param name="Configure">Gives it its id and headers.</param>
/// <param name="Prepare">Gives its delivery in this process the payloads that its consumer is to find. A delivery elsewhere has none of them.</param>
internal sealed record MessagePart<T>(T Message, Action<SendContext<T>> Configure, Action<ReceiveContext> Prepare)
    where T : class;

/// <summary>Takes a received message that holds many others apart.</summary>
internal static class MessageSplitting
{
    /// <summary>
    /// Replaces the message being consumed by messages of their own, leased as it was, in one step; what it held beyond them is
    /// done. They keep its priority and place, its conversation and its trace, and reach the consumers of their own type.
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

        // The body first: serializers that write raw bodies add headers while they do.
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
