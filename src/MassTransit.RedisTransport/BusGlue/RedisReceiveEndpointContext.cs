using MassTransit.RedisTransport.Receiving;
using MassTransit.RedisTransport.Sending;
using MassTransit.Transports;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BusGlue;

/// <summary>What a receive endpoint's pipes find: how to send, and where faulted and skipped messages go.</summary>
internal sealed class RedisReceiveEndpointContext : BaseReceiveEndpointContext
{
    readonly RedisHostConfiguration _host;

    public RedisReceiveEndpointContext(RedisHostConfiguration host, RedisReceiveEndpointConfiguration configuration)
        : base(host, configuration)
    {
        _host = host;
        var queue = configuration.Settings.QueueName;
        var send = configuration.Topology.Send;
        ErrorQueue = send.ErrorQueueNameFormatter.FormatErrorQueueName(queue);
        SkippedQueue = send.DeadLetterQueueNameFormatter.FormatDeadLetterQueueName(queue);
        var transport = new DeadLetterTransport(ErrorQueue, SkippedQueue);
        GetOrAddPayload<IErrorTransport>(() => transport);
        GetOrAddPayload<IDeadLetterTransport>(() => transport);
        GetOrAddPayload(() => host.Topology);
        GetOrAddPayload(() => host);
    }

    /// <summary>What MassTransit starts and stops; set once it is built.</summary>
    public ReceiveEndpoint? Endpoint { get; set; }

    public string ErrorQueue { get; }

    public string SkippedQueue { get; }

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

    public override Exception ConvertException(Exception exception, string message) => Convert(exception, message);

    /// <summary>
    /// What MassTransit takes for a lost connection. Always a transient one: a start waits for those, and gives up on others for
    /// good, whereas time or an operator can mend whatever the server refuses.
    /// </summary>
    public static Exception Convert(Exception exception, string message) => exception switch
    {
        ConnectionException => exception,
        RedisTransportException transport => new ConnectionException(message + transport.Message, transport, isTransient: true),
        RedisException or TimeoutException => new ConnectionException(message + exception.Message, exception, isTransient: true),
        _ => exception,
    };

    public RedisHostConfiguration Host => _host;

    protected override ISendEndpointProvider CreateSendEndpointProvider() => new RedisSendEndpointProvider(base.CreateSendEndpointProvider, _host);

    protected override ISendTransportProvider CreateSendTransportProvider() => new RedisTransportProvider(_host, this);

    protected override IPublishTransportProvider CreatePublishTransportProvider() => new RedisTransportProvider(_host, this);
}
