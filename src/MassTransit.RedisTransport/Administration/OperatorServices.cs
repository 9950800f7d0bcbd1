using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Health;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Operations;
using MassTransit.RedisTransport.Sending;

namespace MassTransit.RedisTransport.Administration;

/// <summary>What operators ask of one host: that of a bus, or one without a bus. The services share its connection.</summary>
internal sealed class OperatorServices
{
    readonly RedisHealthOptions? _health;

    /// <param name="host">The host.</param>
    /// <param name="topics">Names the topics of message types.</param>
    /// <param name="consumed">The queues that this process receives from.</param>
    /// <param name="feed">Gets each entry of the audit.</param>
    /// <param name="health">What the findings judge by; <c>null</c>: the defaults.</param>
    public OperatorServices(EngineHost host, IMessageTopics topics, ConsumedQueues consumed, AuditFeed feed, RedisHealthOptions? health)
    {
        Host = host;
        _health = health;
        Audit = new RedisAudit(host, feed);
        Queues = new RedisQueues(host, topics, consumed, Audit);
        DeadLetters = new RedisDeadLetters(host, consumed, Audit);
        Operations = new RedisOperations(host, consumed, Audit);
        Trash = new RedisTrash(host, consumed, Audit);
        Connection = new BusConnection(host);
    }

    public EngineHost Host { get; }

    public RedisQueues Queues { get; }

    public RedisDeadLetters DeadLetters { get; }

    public RedisAudit Audit { get; }

    public RedisOperations Operations { get; }

    public RedisTrash Trash { get; }

    public RedisFindings Findings => field ??= new RedisFindings(Host, Queues, DeadLetters, Operations,
        _health ?? new RedisHealthOptions());

    public BusConnection Connection { get; }
}
