using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Tests.Support;

/// <summary>One of several processes that share a key prefix, and what lies in the server under it.</summary>
sealed class RedisApp : IAsyncDisposable
{
    readonly IHost _host;

    RedisApp(IHost host) => _host = host;

    public IWebhookQueue Queue => _host.Services.GetRequiredService<IWebhookQueue>();

    public IServiceProvider Services => _host.Services;

    public IBus Bus => _host.Services.GetRequiredService<IBus>();

    public IRedisQueues Queues => _host.Services.GetRequiredService<IRedisQueues>();

    public IWebhookDeadLetters DeadLetters => _host.Services.GetRequiredService<IWebhookDeadLetters>();

    public static async Task<RedisApp> StartAsync(TestServer server, string prefix, Journal journal, Action<IWebhookConfigurator>? webhooks = null,
        Action<IBusRegistrationConfigurator>? register = null, Action<IBusRegistrationContext, IRedisBusFactoryConfigurator>? bus = null, string? address = null,
        Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => (x.WaitUntilStarted, x.ConsumerStopTimeout) = (true, TimeSpan.FromSeconds(2)));
        builder.Services.AddSingleton(journal);
        services?.Invoke(builder.Services);
        builder.Services.AddMassTransit(x =>
        {
            register?.Invoke(x);
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                webhooks?.Invoke(w);
            });
            x.UsingRedis((context, cfg) =>
            {
                // Through a proxy, where there is an address.
                if (address is null)
                    cfg.Host(server.ConfigurationOptions, h => h.KeyPrefix(prefix));
                else
                    cfg.Host(address, h => h.KeyPrefix(prefix));
                bus?.Invoke(context, cfg);
                cfg.ConfigureEndpoints(context);
            });
        });
        var host = builder.Build();
        await host.StartAsync();
        return new RedisApp(host);
    }

    /// <summary>How many records the webhooks that wait, are held or have come to nothing yet take in the server.</summary>
    public static async Task<long> CountRecordsAsync(TestServer server, string prefix)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConfigurationOptions);
        var database = connection.GetDatabase();
        long count = 0;
        foreach (var key in await FindKeysAsync(connection, prefix, ":messages"))
            count += await database.HashLengthAsync(key);
        return count;
    }

    /// <summary>What time does to the leases of a process that is gone.</summary>
    public static async Task EndLeasesAsync(TestServer server, string prefix)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConfigurationOptions);
        var database = connection.GetDatabase();
        foreach (var key in await FindKeysAsync(connection, prefix, ":leased"))
        {
            var members = await database.SortedSetRangeByRankAsync(key);
            await database.SortedSetAddAsync(key, [.. members.Select(x => new SortedSetEntry(x, 1))], SortedSetWhen.Exists);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    static async Task<List<RedisKey>> FindKeysAsync(ConnectionMultiplexer connection, string prefix, string suffix)
    {
        var keys = new List<RedisKey>();
        foreach (var server in connection.GetServers())
        {
            await foreach (var key in server.KeysAsync(pattern: $"{prefix}*{suffix}"))
                keys.Add(key);
        }

        return keys;
    }
}
