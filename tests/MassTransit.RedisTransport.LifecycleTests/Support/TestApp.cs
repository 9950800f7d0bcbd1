using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.LifecycleTests.Support;

/// <summary>What a test's application is made of. Everything but the server has a default.</summary>
sealed class TestAppOptions
{
    public string Prefix { get; set; } = TestNames.Unique("life");

    /// <summary>Consumers, sagas and the like.</summary>
    public Action<IBusRegistrationConfigurator>? Register { get; set; }

    /// <summary>The bus, after its host.</summary>
    public Action<IBusRegistrationContext, IRedisBusFactoryConfigurator>? Bus { get; set; }

    /// <summary>Says where Redis is, instead of the server's options and the prefix.</summary>
    public Action<IRedisBusFactoryConfigurator>? UseHost { get; set; }

    /// <summary>What else is asked of the host.</summary>
    public Action<IRedisHostConfigurator>? Host { get; set; }

    public Action<IServiceCollection>? Services { get; set; }

    public Action<MassTransitHostOptions>? HostOptions { get; set; }

    /// <summary>Started by <see cref="TestApp.StartAsync"/>; false: by the test.</summary>
    public bool Start { get; set; } = true;
}

/// <summary>A generic host with a bus on a test's server, as an application has it.</summary>
sealed class TestApp : IAsyncDisposable
{
    readonly IHost _host;
    bool _stopped;

    TestApp(IHost host, string prefix, CapturedLog log)
    {
        _host = host;
        Prefix = prefix;
        Log = log;
    }

    public string Prefix { get; }

    public CapturedLog Log { get; }

    public IServiceProvider Services => _host.Services;

    public IBusControl Bus => Services.GetRequiredService<IBusControl>();

    public static async Task<TestApp> StartAsync(TestServer server, Action<TestAppOptions> configure)
    {
        var options = new TestAppOptions();
        configure(options);
        var log = new CapturedLog();
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        builder.Services.Configure<HostOptions>(x => x.ShutdownTimeout = TimeSpan.FromSeconds(60));
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x =>
        {
            x.WaitUntilStarted = true;
            x.StartTimeout = TimeSpan.FromSeconds(30);
            x.StopTimeout = TimeSpan.FromSeconds(30);
            options.HostOptions?.Invoke(x);
        });
        options.Services?.Invoke(builder.Services);
        builder.Services.AddMassTransit(x =>
        {
            options.Register?.Invoke(x);
            x.UsingRedis((context, cfg) =>
            {
                if (options.UseHost is { } host)
                {
                    host(cfg);
                }
                else
                {
                    cfg.Host(server.ConfigurationOptions, h =>
                    {
                        h.KeyPrefix(options.Prefix);
                        options.Host?.Invoke(h);
                    });
                }

                options.Bus?.Invoke(context, cfg);
            });
        });

        var app = new TestApp(builder.Build(), options.Prefix, log);
        try
        {
            if (options.Start)
                await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return app;
    }

    public Task StartAsync() => Eventually.CompletesAsync(_host.StartAsync(), TimeSpan.FromSeconds(40), "the host's start");

    public async Task StopAsync()
    {
        _stopped = true;
        await Eventually.CompletesAsync(_host.StopAsync(), TimeSpan.FromSeconds(60), "the host's stop");
    }

    public async Task SendAsync<T>(string queue, T message, Action<SendContext<T>>? context = null)
        where T : class
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri($"queue:{queue}"));
        await endpoint.Send(message, Pipe.Execute<SendContext<T>>(x => context?.Invoke(x)));
    }

    public string ProbeText() =>
        System.Text.Json.JsonSerializer.Serialize(Bus.GetProbeResult().Results, Serialization.SystemTextJsonMessageSerializer.Options);

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
            await StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}
