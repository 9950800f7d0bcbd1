using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Receiving;

namespace MassTransit.RedisTransport.Maintenance;

/// <summary>Runs the background work of an endpoint: renews its leases, keeps its queue alive and reads its depths.</summary>
internal sealed class EndpointMaintenance : IAsyncDisposable
{
    readonly LeaseRenewal _renewal;
    readonly QueueKeepAlive _keepAlive;
    readonly DepthReader _depths;

    public EndpointMaintenance(MessageReceiver receiver, EndpointTopology topology, RedisReceiveEndpointContext context,
        RedisReceiveSettings settings, LeaseKeeper leases,
        ConsumedQueues consumed)
    {
        var engine = context.Engine.Current;
        var logger = context.LogContext.Logger;
        _renewal = new LeaseRenewal(receiver, settings, leases, logger);
        _keepAlive = new QueueKeepAlive(receiver.Queue, topology, settings, logger);
        _depths = new DepthReader(new ConsumedQueue(settings.QueueName, context.ErrorQueue, context.SkippedQueue),
            settings.AutoDeleteOnIdle is not null, consumed, engine,
            context.Engine.Settings.DepthInterval, logger);
    }

    public async ValueTask DisposeAsync()
    {
        await _depths.DisposeAsync().ConfigureAwait(false);
        await _keepAlive.DisposeAsync().ConfigureAwait(false);
        await _renewal.DisposeAsync().ConfigureAwait(false);
    }
}
