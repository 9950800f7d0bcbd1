using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Receiving;

namespace MassTransit.RedisTransport.Maintenance;

/// <summary>
/// Runs the background work of an endpoint: renews its leases, keeps its queue alive, reads its depths and says that it lives.
/// </summary>
internal sealed class EndpointMaintenance : IAsyncDisposable
{
    readonly LeaseRenewal _renewal;
    readonly QueueKeepAlive _keepAlive;
    readonly DepthReader _depths;
    readonly ReceiverBeat? _beat;

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
        // There are as many queues that delete themselves as clients, and each has one receiver: nobody asks for a list of them.
        _beat = settings.AutoDeleteOnIdle is null ? new ReceiverBeat(receiver, engine, logger) : null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_beat is not null)
            await _beat.DisposeAsync().ConfigureAwait(false);
        await _depths.DisposeAsync().ConfigureAwait(false);
        await _keepAlive.DisposeAsync().ConfigureAwait(false);
        await _renewal.DisposeAsync().ConfigureAwait(false);
    }
}
