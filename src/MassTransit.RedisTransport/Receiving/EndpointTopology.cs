using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>Declares the queue and the subscriptions of one endpoint at its start, and again if the server has lost them.</summary>
internal sealed class EndpointTopology(QueueEngine engine, RedisReceiveEndpointContext context, RedisReceiveSettings settings)
{
    public async Task DeployAsync(CancellationToken cancellationToken)
    {
        await DeclareAsync(cancellationToken).ConfigureAwait(false);
        await SubscribeAsync().ConfigureAwait(false);
    }

    public Task DeclareAsync(CancellationToken cancellationToken) =>
        engine.Queue(settings.QueueName).DeclareAsync(settings.QueueSettings, cancellationToken);

    public async Task SubscribeAsync()
    {
        foreach (var topic in settings.Topics.Distinct(StringComparer.Ordinal))
            await engine.Topology.SubscribeAsync(topic, settings.QueueName, temporary: settings.AutoDeleteOnIdle is not null)
                .ConfigureAwait(false);
    }

    /// <summary>
    /// Drops a temporary queue that is not received from any more, so that it is not subscribed again and not kept in memory.
    /// </summary>
    public void Release()
    {
        if (settings.AutoDeleteOnIdle is null)
            return;

        engine.Topology.Release(settings.QueueName);
        engine.Forget(settings.QueueName);
    }

    /// <summary>Writes the links of every type that the bus may publish, before the bus is ready (<c>DeployPublishTopology</c>).</summary>
    public async Task DeployPublishTopologyAsync()
    {
        if (!context.DeploysPublishTopology)
            return;

        foreach (var (from, to) in context.PublishTopology.AllLinks())
            await engine.Topology.LinkAsync(from, to).ConfigureAwait(false);
    }

    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        await DeployAsync(cancellationToken).ConfigureAwait(false);
        await engine.Topology.RestoreAsync().ConfigureAwait(false);
    }
}
