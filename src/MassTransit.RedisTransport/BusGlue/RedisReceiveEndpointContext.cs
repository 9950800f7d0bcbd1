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

    public string ErrorQueue { get; }

    public string SkippedQueue { get; }

    public override void AddSendAgent(IAgent agent) => throw new NotSupportedException("The connection belongs to the host.");

    public override void AddConsumeAgent(IAgent agent) => throw new NotSupportedException("The receive transport stops its receiver itself.");

    public override Exception ConvertException(Exception exception, string message) => Convert(exception, message);

    /// <summary>What MassTransit takes for a lost connection: a start waits for transient ones, and gives up on others.</summary>
    public static Exception Convert(Exception exception, string message) => exception switch
    {
        ConnectionException => exception,
        RedisTransportException transport => new ConnectionException(message + transport.Message, transport, transport.IsTransient),
        RedisException or TimeoutException => new ConnectionException(message + exception.Message, exception, isTransient: true),
        _ => exception,
    };

    protected override ISendTransportProvider CreateSendTransportProvider() => new RedisTransportProvider(_host, this);

    protected override IPublishTransportProvider CreatePublishTransportProvider() => new RedisTransportProvider(_host, this);
}
