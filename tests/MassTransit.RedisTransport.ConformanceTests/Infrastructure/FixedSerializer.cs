using System.Net.Mime;

namespace MassTransit.RedisTransport.ConformanceTests.Infrastructure;

/// <summary>Sends the bytes it is given, whatever the message: what a foreign or broken sender puts into a queue.</summary>
public sealed class FixedSerializer(byte[] body, string contentType) : IMessageSerializer
{
    public ContentType ContentType { get; } = new(contentType);

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class => new BytesMessageBody(body);
}
