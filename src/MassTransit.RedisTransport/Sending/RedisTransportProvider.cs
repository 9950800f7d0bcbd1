using MassTransit.Configuration;
using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Broker;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Creates the send transports of queues and topics.</summary>
internal sealed class RedisTransportProvider(IHostConfiguration host, ReceiveEndpointContext context, EngineHost engine,
    AddressBook addresses, RedisPublishTopology topology)
    : ISendTransportProvider, IPublishTransportProvider
{
    public Uri NormalizeAddress(Uri address) => addresses.Normalize(address);

    public Task<ISendTransport> GetSendTransport(Uri address)
    {
        TransportLogMessages.CreateSendTransport(address);
        var destination = RedisEndpointAddress.Parse(engine.Address, address);
        return Create(destination switch
        {
            { IsTopic: true } => new TopicSink(engine, destination.Name),
            { IsExchange: true } => new ExchangeSink(engine, destination.Name, destination.IsTemporary),
            _ => new QueueSink(engine, destination.Name, destination.IsTemporary),
        });
    }

    public Task<ISendTransport> GetPublishTransport<T>(Uri? publishAddress)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(publishAddress);
        var links = new HashSet<(string, string)>();
        topology.LinksOf<T>().CollectLinks(links);
        return Create(new TopicSink(engine, RedisEndpointAddress.Parse(engine.Address, publishAddress).Name, links));
    }

    Task<ISendTransport> Create(IMessageSink sink) =>
        Task.FromResult<ISendTransport>(new SendTransport<PipeContext>(new RedisSendTransportContext(host, context, addresses, sink)));
}
