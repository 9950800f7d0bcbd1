using System.Collections.Concurrent;
using System.Collections.Frozen;
using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Makes the transports that queues and topics are sent to by.</summary>
internal sealed class RedisTransportProvider(RedisHostConfiguration host, RedisReceiveEndpointContext context) : ISendTransportProvider, IPublishTransportProvider
{
    /// <summary>Response addresses are many and short-lived: the cache is emptied before it grows.</summary>
    const int MaxNormalized = 4_096;

    readonly ConcurrentDictionary<Uri, Uri> _normalized = new();

    public Uri NormalizeAddress(Uri address)
    {
        if (_normalized.TryGetValue(address, out var known))
            return known;

        var normalized = RedisEndpointAddress.Parse(host.Host, address).ToUri();
        if (!address.OriginalString.Contains('*', StringComparison.Ordinal))
        {
            if (_normalized.Count >= MaxNormalized)
                _normalized.Clear();
            _normalized.TryAdd(address, normalized);
        }

        return normalized;
    }

    public Task<ISendTransport> GetSendTransport(Uri address)
    {
        TransportLogMessages.CreateSendTransport(address);
        var destination = RedisEndpointAddress.Parse(host.Host, address);
        return Create(destination, FrozenSet<(string, string)>.Empty);
    }

    public Task<ISendTransport> GetPublishTransport<T>(Uri? publishAddress)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(publishAddress);
        var links = new HashSet<(string, string)>();
        host.PublishTopology.LinksOf<T>().CollectLinks(links);
        return Create(RedisEndpointAddress.Parse(host.Host, publishAddress), links);
    }

    Task<ISendTransport> Create(RedisEndpointAddress destination, IReadOnlySet<(string From, string To)> links)
    {
        IMessageSink sink = destination.IsTopic
            ? new TopicSink(host.Broker, destination.Name, links, host.Settings.SendTimeout)
            : new QueueSink(host.Broker.Queue(destination.Name), destination.IsTemporary);
        return Task.FromResult<ISendTransport>(new SendTransport<PipeContext>(new RedisSendTransportContext(host, context, sink)));
    }
}
