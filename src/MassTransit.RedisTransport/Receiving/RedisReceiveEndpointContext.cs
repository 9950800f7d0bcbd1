using MassTransit.Configuration;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Sending;
using MassTransit.Transports;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>What a receive endpoint's pipes find: how to send, and where faulted and skipped messages go.</summary>
internal sealed class RedisReceiveEndpointContext : BaseReceiveEndpointContext
{
    readonly IHostConfiguration _host;
    readonly AddressBook _addresses;

    /// <param name="host">The bus's configuration, for what MassTransit takes from it.</param>
    /// <param name="configuration">The endpoint's, likewise.</param>
    /// <param name="queue">The queue it receives from.</param>
    /// <param name="engine">Where Redis is.</param>
    /// <param name="addresses">Addresses of this bus.</param>
    /// <param name="publishTopology">Which topics a published message goes to.</param>
    public RedisReceiveEndpointContext(IHostConfiguration host, IReceiveEndpointConfiguration configuration, string queue, EngineHost engine, AddressBook addresses,
        RedisPublishTopology publishTopology)
        : base(host, configuration)
    {
        _host = host;
        _addresses = addresses;
        Engine = engine;
        PublishTopology = publishTopology;
        var send = configuration.Topology.Send;
        ErrorQueue = send.ErrorQueueNameFormatter.FormatErrorQueueName(queue);
        SkippedQueue = send.DeadLetterQueueNameFormatter.FormatDeadLetterQueueName(queue);
        var transport = new DeadLetterTransport(ErrorQueue, SkippedQueue);
        GetOrAddPayload<IErrorTransport>(() => transport);
        GetOrAddPayload<IDeadLetterTransport>(() => transport);
        GetOrAddPayload(() => host.Topology);
        GetOrAddPayload(() => engine);
    }

    /// <summary>What MassTransit starts and stops; set once it is built.</summary>
    public ReceiveEndpoint? Endpoint { get; set; }

    public EngineHost Engine { get; }

    public RedisPublishTopology PublishTopology { get; }

    public string ErrorQueue { get; }

    public string SkippedQueue { get; }

    /// <summary>Queues and subscriptions are declared, and nothing is received.</summary>
    public bool DeployTopologyOnly => _host.DeployTopologyOnly;

    /// <summary>The links of every type that may be published are declared before the bus is ready; by the bus's own endpoint, once.</summary>
    public bool DeploysPublishTopology => IsBusEndpoint && _host.DeployPublishTopology;

    public override void AddSendAgent(IAgent agent) => throw new NotSupportedException("The connection belongs to the host.");

    public override void AddConsumeAgent(IAgent agent) => throw new NotSupportedException("The receive transport stops its receiver itself.");

    /// <summary>
    /// Observers were told that the endpoint is interrupted, by the only means there is: that it has completed. To MassTransit it
    /// would be over, and a stop of the bus would pass it over.
    /// </summary>
    public void IsStillStarted()
    {
        if (Endpoint is { CurrentState: ReceiveEndpoint.State.Completed } endpoint)
            endpoint.CurrentState = ReceiveEndpoint.State.Started;
    }

    public override Exception ConvertException(Exception exception, string message) => ToConnectionException(exception, message);

    /// <summary>
    /// What MassTransit takes for a lost connection. Always a transient one: a start waits for those, and gives up on others for
    /// good, whereas time or an operator can mend whatever the server refuses.
    /// </summary>
    public static Exception ToConnectionException(Exception exception, string message = "") => exception switch
    {
        ConnectionException => exception,
        RedisTransportException transport => new ConnectionException(message + transport.Message, transport, isTransient: true),
        RedisException or TimeoutException => new ConnectionException(message + exception.Message, exception, isTransient: true),
        _ => exception,
    };

    protected override ISendEndpointProvider CreateSendEndpointProvider() => new RedisSendEndpointProvider(base.CreateSendEndpointProvider, _addresses);

    protected override ISendTransportProvider CreateSendTransportProvider() => CreateTransportProvider();

    protected override IPublishTransportProvider CreatePublishTransportProvider() => CreateTransportProvider();

    RedisTransportProvider CreateTransportProvider() => new(_host, this, Engine, _addresses, PublishTopology);
}
