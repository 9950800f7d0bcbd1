using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Health;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Operations;
using MassTransit.RedisTransport.Sending;

namespace MassTransit.RedisTransport.Administration;

/// <summary>What operators ask of one host: that of a bus, or one without a bus. The services share its connection.</summary>
internal sealed class OperatorServices(EngineHost host, IMessageTopics topics, ConsumedQueues consumed,
    RedisHealthOptions? health = null)
{
    public EngineHost Host => host;

    public RedisQueues Queues { get; } = new(host, topics, consumed);

    public RedisDeadLetters DeadLetters { get; } = new(host, consumed, new RedisAudit(host));

    public RedisAudit Audit { get; } = new(host);

    public RedisOperations Operations { get; } = new(host, consumed, new RedisAudit(host));

    public RedisTrash Trash { get; } = new(host, consumed, new RedisAudit(host));

    public RedisFindings Findings => field ??= new RedisFindings(host, Queues, DeadLetters, Operations,
        health ?? new RedisHealthOptions());

    public BusConnection Connection { get; } = new(host);
}
