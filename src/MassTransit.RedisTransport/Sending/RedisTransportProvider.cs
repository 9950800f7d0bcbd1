using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Makes the transports that queues and topics are sent to by.</summary>
internal sealed class RedisTransportProvider(RedisHostConfiguration host, RedisReceiveEndpointContext context) : ISendTransportProvider, IPublishTransportProvider
{
    public Uri NormalizeAddress(Uri address) => host.Addresses.Normalize(address);

    public Task<ISendTransport> GetSendTransport(Uri address)
    {
        TransportLogMessages.CreateSendTransport(address);
        var destination = RedisEndpointAddress.Parse(host.Host, address);
        return Create(destination switch
        {
            { IsTopic: true } => new TopicSink(host, destination.Name),
            { IsExchange: true } => new ExchangeSink(host, destination.Name, destination.IsTemporary),
            _ => new QueueSink(host, destination.Name, destination.IsTemporary),
        });
    }

    public Task<ISendTransport> GetPublishTransport<T>(Uri? publishAddress)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(publishAddress);
        var links = new HashSet<(string, string)>();
        host.PublishTopology.LinksOf<T>().CollectLinks(links);
        return Create(new TopicSink(host, RedisEndpointAddress.Parse(host.Host, publishAddress).Name, links));
    }

    Task<ISendTransport> Create(IMessageSink sink) =>
        Task.FromResult<ISendTransport>(new SendTransport<PipeContext>(new RedisSendTransportContext(host, context, sink)));
}
