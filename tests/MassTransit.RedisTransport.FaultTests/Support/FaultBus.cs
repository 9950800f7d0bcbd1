using System.Collections.Concurrent;
using MassTransit.RedisTransport.FaultWorker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.FaultTests.Support;

/// <summary>A bus of this process, as an application has it from its container.</summary>
sealed class FaultBus : IAsyncDisposable
{
    readonly ServiceProvider _provider;
    bool _stopped;

    FaultBus(ServiceProvider provider, IBusControl control, LogBook log)
    {
        _provider = provider;
        Control = control;
        Log = log;
    }

    public IBusControl Control { get; }

    public LogBook Log { get; }

    public static async Task<FaultBus> StartAsync(string server, string prefix, Action<IRedisHostConfigurator>? host = null,
        Action<IRedisBusFactoryConfigurator>? configure = null)
    {
        var log = new LogBook();
        var provider = new ServiceCollection()
            .AddLogging(x => x.AddProvider(log))
            .AddMassTransit(x => x.UsingRedis((_, bus) =>
            {
                bus.Host(server, h =>
                {
                    h.KeyPrefix(prefix);
                    // Above every outage the tests make, unless a test says otherwise.
                    h.SendTimeout = TimeSpan.FromSeconds(40);
                    host?.Invoke(h);
                });
                configure?.Invoke(bus);
            }))
            .BuildServiceProvider();
        var control = provider.GetRequiredService<IBusControl>();
        await Eventually.CompletesAsync(control.StartAsync(), TimeSpan.FromSeconds(30), "the bus starts");
        return new FaultBus(provider, control, log);
    }

    /// <summary>A bus that also consumes: short leases, so that what a fault takes comes back within the test.</summary>
    public static Task<FaultBus> ReceivingAsync(string server, string prefix, string queue, Ledger ledger, TimeSpan? lease = null,
        int prefetch = 50,
        Action<IRedisHostConfigurator>? host = null) =>
        StartAsync(server, prefix, host, bus => bus.ReceiveEndpoint(queue, endpoint =>
        {
            endpoint.LeaseDuration = lease ?? TimeSpan.FromSeconds(3);
            endpoint.PrefetchCount = prefetch;
            endpoint.MaxDeliveryCount = 1_000;
            endpoint.Handler<Ping>(context =>
            {
                ledger.Consume(context.Message.Id);
                return Task.CompletedTask;
            });
        }));

    public Task<ISendEndpoint> QueueAsync(string queue) => Control.GetSendEndpoint(new Uri($"queue:{queue}"));

    public async Task StopAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        _stopped = true;
        await Eventually.CompletesAsync(Control.StopAsync(cancellationToken), limit, "the bus stops");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await StopAsync(TimeSpan.FromSeconds(30), patience.Token);
        }

        await _provider.DisposeAsync();
    }
}

/// <summary>What the transport has logged, by the number of the message.</summary>
sealed class LogBook : ILoggerProvider, ILogger
{
    readonly ConcurrentQueue<(int Id, string Text)> _lines = new();

    public IEnumerable<string> Lines => _lines.Select(x => $"{x.Id}: {x.Text}");

    public int Count(int id) => _lines.Count(x => x.Id == id);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            _lines.Enqueue((eventId.Id, $"{formatter(state, exception)} {exception}"));
    }

    public void Dispose()
    {
    }
}
