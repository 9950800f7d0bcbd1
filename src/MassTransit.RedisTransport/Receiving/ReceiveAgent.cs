using MassTransit.Internals;
using MassTransit.Middleware;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.Transports;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>Starts the background work of an endpoint. Disposing the result ends it.</summary>
internal delegate IAsyncDisposable StartMaintenance(MessageReceiver receiver, EndpointTopology topology);

/// <summary>
/// One run of a receive endpoint, from its start to its stop. It waits for Redis, declares queue and subscriptions, waits for the
/// endpoint's dependencies, and then receives until it is stopped, through every outage.
/// </summary>
internal sealed class ReceiveAgent : Agent, ReceiveTransportHandle, DeliveryMetrics
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);
    static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(5);

    readonly RedisReceiveEndpointContext _context;
    readonly RedisReceiveSettings _settings;
    readonly Liveness _liveness;
    readonly StartMaintenance _startMaintenance;
    readonly QueueEngine _engine;
    readonly EndpointTopology _topology;
    readonly ILogger _logger;
    readonly CancellationToken _stopping;
    readonly TaskCompletionSource<StopContext> _stopContext = new(TaskCreationOptions.RunContinuationsAsynchronously);
    MessageReceiver? _receiver;
    Exception? _problem;
    bool _afterOutage;
    bool _wasReady;

    public ReceiveAgent(RedisReceiveEndpointContext context, RedisReceiveSettings settings, Liveness liveness,
        StartMaintenance startMaintenance)
    {
        _context = context;
        _settings = settings;
        _liveness = liveness;
        _startMaintenance = startMaintenance;
        context.Engine.Open();
        _engine = context.Engine.Current;
        _logger = context.LogContext.Logger;
        _topology = new EndpointTopology(_engine, context, settings);
        _stopping = Stopping;

        var run = Task.Run(RunAsync);
        SetReady();
        SetCompleted(run);
    }

    public long DeliveryCount => _receiver?.DeliveryCount ?? 0;

    public int ConcurrentDeliveryCount => _receiver?.ConcurrentDeliveryCount ?? 0;

    Task ReceiveTransportHandle.Stop(CancellationToken cancellationToken) => this.Stop("Stop receive transport", cancellationToken);

    protected override async Task StopAgent(StopContext context)
    {
        LogContext.SetCurrentIfNull(_context.LogContext);
        _stopContext.TrySetResult(context);
        await Completed.ConfigureAwait(false);
    }

    async Task RunAsync()
    {
        LogContext.Current = _context.LogContext;
        try
        {
            var refused = await StartAsync().ConfigureAwait(false);
            if (_context.DeployTopologyOnly)
            {
                await NotifyReadyAsync(isStarted: true).ConfigureAwait(false);
                await _stopContext.Task.ConfigureAwait(false);
            }
            else
            {
                await ReceiveAsync(refused).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It was stopped before it had begun.
        }

        // Temporary queues are released, because the number of endpoints that come and go is unlimited.
        if (_settings.AutoDeleteOnIdle is not null)
            _engine.Forget(_settings.QueueName);
        // Callers that wait for the endpoint to be ready would wait for ever, as MassTransit does after a start that was given up.
        if (!_wasReady)
            await NotifyAsync(() => _context.TransportObservers.NotifyFaulted(_context.InputAddress, NeverReady())).ConfigureAwait(false);
        await NotifyAsync(() => _context.TransportObservers.NotifyCompleted(_context.InputAddress, this)).ConfigureAwait(false);
        _context.LogConsumerCompleted(DeliveryCount, ConcurrentDeliveryCount);
    }

    /// <summary>
    /// Retries after every failure that time or an operator can repair. Returns why not all subscriptions could be declared; the messages
    /// in the queue are received all the same.
    /// </summary>
    async Task<Exception?> StartAsync()
    {
        var connected = _context.ReceivePipe.Connected;
        var pause = FirstPause;
        Exception? refused = null;
        while (true)
        {
            try
            {
                // A stop ends the wait even if the server does not answer.
                await _engine.Connection.ConnectAsync(_stopping).WaitAsync(_stopping).ConfigureAwait(false);
                _liveness.IsConnected();
                await _topology.DeployPublishTopologyAsync().WaitAsync(_stopping).ConfigureAwait(false);

                // The queue for responses is created with the first request. Until then only the connection is needed.
                if (!connected.IsCompleted)
                {
                    await NotifyReadyAsync(isStarted: false).ConfigureAwait(false);
                    await WatchUntilAsync(connected).ConfigureAwait(false);
                }

                await _topology.DeclareAsync(_stopping).WaitAsync(_stopping).ConfigureAwait(false);
                if (_settings.PurgeOnStartup && !_context.DeployTopologyOnly)
                    await PurgeAsync().WaitAsync(_stopping).ConfigureAwait(false);
                refused = await SubscribeAsync().ConfigureAwait(false);
                break;
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                // After any failure during a stop, the stop goes on.
                throw new OperationCanceledException(_stopping);
            }
            catch (Exception exception)
            {
                await FailedAsync(exception).ConfigureAwait(false);
                await PauseAsync(pause, _wasReady ? connected : null).ConfigureAwait(false);
                pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
            }
        }

        await _context.DependenciesReady.OrCanceled(_stopping).ConfigureAwait(false);
        return refused;
    }

    /// <summary>Declares the subscriptions. A full server refuses new ones, which must not keep a consumer from draining it.</summary>
    async Task<Exception?> SubscribeAsync()
    {
        try
        {
            await _topology.SubscribeAsync().WaitAsync(_stopping).ConfigureAwait(false);
            return null;
        }
        catch (RedisTransportException exception) when (!exception.IsTransient && !_context.DeployTopologyOnly)
        {
            LogMessages.DeployRefused(_logger, _settings.QueueName, exception.Message, exception);
            _problem = exception;
            await NotifyFaultedAsync(exception).ConfigureAwait(false);
            return exception;
        }
    }

    async Task FailedAsync(Exception exception)
    {
        if (_problem is null)
        {
            if (exception is RedisTransportException { IsTransient: false })
                LogMessages.ReceiveRefused(_logger, _settings.QueueName, exception.Message, exception);
            else
                LogMessages.ReceiveInterrupted(_logger, _settings.QueueName, exception.Message, exception);
        }

        _problem = exception;
        _afterOutage = true;
        _engine.Connection.RefreshRoles();
        await NotifyFaultedAsync(exception).ConfigureAwait(false);
        if (_context.IsBusEndpoint)
            await _liveness.ProbeAsync(_context.Engine.Settings).ConfigureAwait(false);
    }

    Task NotifyFaultedAsync(Exception exception) => NotifyAsync(() =>
        _context.TransportObservers.NotifyFaulted(_context.InputAddress, RedisReceiveEndpointContext.ToConnectionException(exception)));

    async Task NotifyReadyAsync(bool isStarted)
    {
        _problem = null;
        _wasReady = true;
        await NotifyAsync(() => _context.TransportObservers.NotifyReady(_context.InputAddress, isStarted)).ConfigureAwait(false);
    }

    /// <summary>Calls the application's observers. An exception of an observer must not end the endpoint.</summary>
    async Task NotifyAsync(Func<Task> notify)
    {
        try
        {
            await notify().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogMessages.ObserverFailed(_logger, _settings.QueueName, exception);
        }
    }

    ConnectionException NeverReady()
    {
        var message = $"Receiving from {_settings.QueueName} was stopped before it could begin.";
        return _problem is { } problem
            ? new ConnectionException($"{message} {problem.Message}", problem, isTransient: false)
            : new ConnectionException(message, isTransient: false);
    }

    /// <summary>Watches the connection of a bus that only sends, which has no receiver that would notice an outage.</summary>
    async Task WatchUntilAsync(Task connected)
    {
        while (!connected.IsCompleted)
        {
            await PauseAsync(WatchInterval, connected).ConfigureAwait(false);
            if (!_engine.Connection.IsConnected)
                throw new RedisTransportException("The connection to Redis is lost.") { IsTransient = true };
        }
    }

    async Task PauseAsync(TimeSpan pause, Task? orUntil)
    {
        var delay = Task.Delay(pause, _stopping);
        await Task.WhenAny(orUntil is { IsCompleted: false } ? [delay, orUntil] : [delay]).ConfigureAwait(false);
        _stopping.ThrowIfCancellationRequested();
    }

    async Task PurgeAsync()
    {
        var purged = await _engine.Queue(_settings.QueueName).PurgeAsync(_stopping).ConfigureAwait(false);
        LogMessages.Purged(_logger, _settings.QueueName, purged);
    }

    async Task ReceiveAsync(Exception? refused)
    {
        var receiver = _receiver = new MessageReceiver(_context, _settings, _engine, _logger);
        await using var maintenance = _startMaintenance(receiver, _topology).ConfigureAwait(false);
        var fetching = new FetchLoop(receiver, _engine, _topology, _context, _settings, _logger, this);

        await fetching.RunAsync(_afterOutage, refused, _stopping).ConfigureAwait(false);
        _wasReady |= fetching.WasReady;

        var stop = await _stopContext.Task.ConfigureAwait(false);
        await receiver.StopAsync(stop.CancellationToken).ConfigureAwait(false);
        _topology.Release();
    }
}
