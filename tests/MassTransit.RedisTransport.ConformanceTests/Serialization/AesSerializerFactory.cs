using System.Net.Mime;
using System.Security.Cryptography;
using MassTransit.Serialization;

namespace MassTransit.RedisTransport.ConformanceTests.Serialization;

/// <summary>Encrypts the JSON envelope: a serializer whose bodies are bytes that no text encoding survives.</summary>
sealed class AesSerializerFactory(byte[] key) : ISerializerFactory
{
    public ContentType ContentType { get; } = new("application/vnd.test+aes");

    public IMessageSerializer CreateSerializer() => new Serializer(ContentType, key);

    public IMessageDeserializer CreateDeserializer() => new Serializer(ContentType, key);

    sealed class Serializer(ContentType contentType, byte[] key) : IMessageSerializer, IMessageDeserializer
    {
        static readonly SystemTextJsonMessageSerializer Json = SystemTextJsonMessageSerializer.Instance;

        public ContentType ContentType { get; } = contentType;

        public MessageBody GetMessageBody<T>(SendContext<T> context)
            where T : class
        {
            using var aes = Create();
            aes.GenerateIV();
            return new BytesMessageBody([.. aes.IV, .. aes.EncryptCbc(Json.GetMessageBody(context).GetBytes(), aes.IV)]);
        }

        public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
            new BodyConsumeContext(receiveContext,
                Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

        public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null)
        {
            using var aes = Create();
            var bytes = body.GetBytes();
            return Json.Deserialize(new BytesMessageBody(aes.DecryptCbc(bytes[16..], bytes[..16])), headers, destinationAddress);
        }

        public MessageBody GetMessageBody(string text) => new BytesMessageBody(Convert.FromBase64String(text));

        public void Probe(ProbeContext context) => context.CreateScope("aes");

        Aes Create()
        {
            var aes = Aes.Create();
            aes.Key = key;
            return aes;
        }
    }
}
