using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MassTransit.RedisTransport.ConformanceTests.Infrastructure;

/// <summary>A running bus on the tests' server, with a key prefix of its own: queues and topics can have plain names.</summary>
public sealed class TestBus : IAsyncDisposable
{
    readonly IHost _host;
    readonly QueueEngine _inspector;
    bool _started;

    TestBus(IHost host, TestServer server, string keyPrefix)
    {
        _host = host;
        KeyPrefix = keyPrefix;
        Server = server;
        _inspector = new QueueEngine(new RedisConnectionSettings { Options = server.ConfigurationOptions, KeyPrefix = keyPrefix },
            NullLogger.Instance);
    }

    public TestServer Server { get; }

    public string KeyPrefix { get; }

    public IServiceProvider Services => _host.Services;

    public IBusControl Bus => Services.GetRequiredService<IBusControl>();

    public static Task<TestBus> StartAsync(TestServer server, Action<IRedisBusFactoryConfigurator> configure, string? keyPrefix = null) =>
        StartAsync(server, (_, cfg) => configure(cfg), keyPrefix: keyPrefix);

    /// <param name="server">Where the bus runs.</param>
    /// <param name="configure">The bus; its host is set.</param>
    /// <param name="register">The container.</param>
    /// <param name="keyPrefix">That of another bus, to share its queues.</param>
    public static async Task<TestBus> StartAsync(TestServer server,
        Action<IBusRegistrationContext, IRedisBusFactoryConfigurator>? configure = null,
        Action<IBusRegistrationConfigurator>? register = null, string? keyPrefix = null)
    {
        var prefix = keyPrefix ?? TestNames.Unique("conf");
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMassTransit(x =>
        {
            register?.Invoke(x);
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(server.ConnectionString, host => host.KeyPrefix(prefix));
                configure?.Invoke(context, cfg);
            });
        });
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(options =>
        {
            options.WaitUntilStarted = true;
            options.StartTimeout = TimeSpan.FromSeconds(30);
            options.StopTimeout = TimeSpan.FromSeconds(30);
        });
        builder.Logging.ClearProviders();
        var bus = new TestBus(builder.Build(), server, prefix);
        try
        {
            await bus._host.StartAsync();
            bus._started = true;
            return bus;
        }
        catch
        {
            await bus.DisposeAsync();
            throw;
        }
    }

    public async Task SendAsync<T>(string queue, T message, Action<SendContext<T>>? configure = null)
        where T : class
    {
        var endpoint = await EndpointAsync(queue);
        await (configure is null ? endpoint.Send(message) : endpoint.Send(message, configure));
    }

    public Task<ISendEndpoint> EndpointAsync(string queue) => Bus.GetSendEndpoint(new Uri($"queue:{queue}"));

    /// <summary>Adds a receive endpoint to the running bus and waits until it receives.</summary>
    public async Task<HostReceiveEndpointHandle> ConnectAsync(string queue, Action<IRedisReceiveEndpointConfigurator> configure)
    {
        var handle = Bus.ConnectReceiveEndpoint(queue, endpoint => configure((IRedisReceiveEndpointConfigurator)endpoint));
        await Eventually.CompletesAsync(handle.Ready, message: $"'{queue}' receives");
        return handle;
    }

    internal Task<QueueCounts> CountAsync(string queue) => _inspector.Queue(queue).CountAsync();

    /// <summary>Waits until nothing is left in the queue, waiting, delayed or held; shows that nothing is delivered again.</summary>
    internal async Task<QueueCounts> DrainedAsync(string queue)
    {
        await Eventually.TrueAsync(async () => await CountAsync(queue) is { Ready: 0, Delayed: 0, Leased: 0, Records: 0 },
            message: $"'{queue}' is empty");
        return await CountAsync(queue);
    }

    /// <summary>Waits until the server's clock, which decides on time to live, has gone on by so much.</summary>
    public async Task ServerClockPassesAsync(TimeSpan time)
    {
        await using var connection = await Server.ConnectAsync();
        var server = connection.GetServer(connection.GetEndPoints()[0]);
        var until = await server.TimeAsync() + time;
        await Eventually.TrueAsync(async () => await server.TimeAsync() > until, message: "The server's clock");
    }

    public async ValueTask DisposeAsync()
    {
        // One that could not be started throws at its stop too, and would hide why.
        if (_started)
            await _host.StopAsync();
        await _inspector.DisposeAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        else
            _host.Dispose();
    }
}
