using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Receiving;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Maintenance;

/// <summary>
/// Keeps a queue that deletes itself alive while its endpoint runs, and declares it again if it was deleted nevertheless.
/// </summary>
internal sealed class QueueKeepAlive : IAsyncDisposable
{
    readonly MessageQueue _queue;
    readonly EndpointTopology _topology;
    readonly RedisReceiveSettings _settings;
    readonly ILogger _logger;
    readonly BackgroundLoop? _loop;

    public QueueKeepAlive(MessageQueue queue, EndpointTopology topology, RedisReceiveSettings settings, ILogger logger)
    {
        _queue = queue;
        _topology = topology;
        _settings = settings;
        _logger = logger;
        if (settings.AutoDeleteOnIdle is { } idle)
            _loop = new BackgroundLoop(idle / 3, TouchOnceAsync, () => idle / 3,
                exception => LogMessages.MaintenanceFailed(logger, settings.QueueName, exception));
    }

    public ValueTask DisposeAsync() => _loop?.DisposeAsync() ?? ValueTask.CompletedTask;

    async Task TouchOnceAsync(CancellationToken cancellationToken)
    {
        if (await _queue.TouchAsync(cancellationToken).ConfigureAwait(false))
            return;

        LogMessages.Redeclared(_logger, _settings.QueueName);
        await _topology.RestoreAsync(cancellationToken).ConfigureAwait(false);
    }
}
