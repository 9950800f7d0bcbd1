using MassTransit.Configuration;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Sending;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>The context of a receive endpoint's pipes: the send transports and the queues of faulted and skipped messages.</summary>
internal sealed class RedisReceiveEndpointContext : BaseReceiveEndpointContext
{
    readonly IHostConfiguration _host;
    readonly AddressBook _addresses;

    /// <param name="host">The configuration of the bus, which MassTransit reads.</param>
    /// <param name="configuration">The configuration of the endpoint, which MassTransit reads.</param>
    /// <param name="queue">The queue that it receives from.</param>
    /// <param name="engine">The engine of the bus.</param>
    /// <param name="addresses">The addresses of this bus.</param>
    /// <param name="publishTopology">The topics of published messages.</param>
    public RedisReceiveEndpointContext(IHostConfiguration host, IReceiveEndpointConfiguration configuration, string queue,
        EngineHost engine, AddressBook addresses,
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

    /// <summary>The endpoint that MassTransit starts and stops. It is set after it is built.</summary>
    public ReceiveEndpoint? Endpoint { get; set; }

    public EngineHost Engine { get; }

    public RedisPublishTopology PublishTopology { get; }

    public string ErrorQueue { get; }

    public string SkippedQueue { get; }

    /// <summary>True if queues and subscriptions are only declared and nothing is received.</summary>
    public bool DeployTopologyOnly => _host.DeployTopologyOnly;

    /// <summary>
    /// True if the links of every type that may be published are declared before the bus is ready. Only the bus's own endpoint does it.
    /// </summary>
    public bool DeploysPublishTopology => IsBusEndpoint && _host.DeployPublishTopology;

    public override void AddSendAgent(IAgent agent) => throw new NotSupportedException("The connection belongs to the host.");

    public override void AddConsumeAgent(IAgent agent) =>
        throw new NotSupportedException("The receive transport stops its receiver itself.");

    /// <summary>
    /// Restores the started state after an interruption. Observers can be told of an interruption only as a completed endpoint, and
    /// MassTransit would then skip the endpoint when the bus is stopped.
    /// </summary>
    public void IsStillStarted()
    {
        if (Endpoint is { CurrentState: ReceiveEndpoint.State.Completed } endpoint)
            endpoint.CurrentState = ReceiveEndpoint.State.Started;
    }

    public override Exception ConvertException(Exception exception, string message) => ToConnectionException(exception, message);

    /// <summary>
    /// Wraps a failure into MassTransit's exception for a lost connection. It is always marked as transient: a start waits after transient
    /// failures and gives up for good after others, but time or an operator can repair every refusal of the server.
    /// </summary>
    public static Exception ToConnectionException(Exception exception, string message = "") => exception switch
    {
        ConnectionException => exception,
        RedisTransportException transport => new ConnectionException(message + transport.Message, transport, isTransient: true),
        _ when RedisErrors.IsOfClient(exception) => new ConnectionException(message + exception.Message, exception, isTransient: true),
        _ => exception,
    };

    protected override ISendEndpointProvider CreateSendEndpointProvider() =>
        new RedisSendEndpointProvider(base.CreateSendEndpointProvider, _addresses);

    protected override ISendTransportProvider CreateSendTransportProvider() => CreateTransportProvider();

    protected override IPublishTransportProvider CreatePublishTransportProvider() => CreateTransportProvider();

    RedisTransportProvider CreateTransportProvider() => new(_host, this, Engine, _addresses, PublishTopology);
}
