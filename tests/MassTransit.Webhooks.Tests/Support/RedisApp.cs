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

    public static async Task<RedisApp> StartAsync(TestServer server, string prefix, Journal journal,
        Action<IWebhookConfigurator>? webhooks = null,
        Action<IBusRegistrationConfigurator>? register = null, Action<IBusRegistrationContext, IRedisBusFactoryConfigurator>? bus = null,
        string? address = null,
        Action<IServiceCollection>? services = null, Action<IRedisHostConfigurator>? host = null, bool start = true)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddOptions<MassTransitHostOptions>()
            .Configure(x => (x.WaitUntilStarted, x.ConsumerStopTimeout) = (true, TimeSpan.FromSeconds(2)));
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
                    cfg.Host(server.ConfigurationOptions, Configure);
                else
                    cfg.Host(address, Configure);
                bus?.Invoke(context, cfg);
                cfg.ConfigureEndpoints(context);
            });
        });
        var app = builder.Build();
        if (start)
            await app.StartAsync();
        return new RedisApp(app);

        void Configure(IRedisHostConfigurator h)
        {
            h.KeyPrefix(prefix);
            host?.Invoke(h);
        }
    }

    /// <summary>Every message of a queue in one state, each record asked for how many it holds: what counters are compared with.</summary>
    /// <param name="server">The server.</param>
    /// <param name="prefix">The application's.</param>
    /// <param name="queue">The queue's name in braces, and the suffix of a dead-letter queue: <c>{hooks}_error</c>.</param>
    /// <param name="state">ready, delayed or leased.</param>
    public static async Task<long> CountMessagesAsync(TestServer server, string prefix, string queue, string state)
    {
        const int extraAt = 20, keyLength = 22;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConfigurationOptions);
        var members = await connection.GetDatabase().SortedSetRangeByRankAsync($"{prefix}:mt:{queue}:{state}");
        return members.Sum(x => 1 + Convert.ToInt32(x.ToString()[extraAt..keyLength], 16));
    }

    /// <summary>Stops receiving, so that nothing of its own is asked of the server.</summary>
    public Task StopBusAsync() => _host.Services.GetRequiredService<IBusControl>().StopAsync();

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

    /// <summary>As if every message of a queue had been delivered so often without success.</summary>
    public static async Task SetDeliveriesAsync(TestServer server, string prefix, string queue, int count)
    {
        if (count == 0)
            return;

        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConfigurationOptions);
        var database = connection.GetDatabase();
        foreach (var key in await database.HashKeysAsync($"{prefix}:mt:{queue}:messages"))
            await database.HashSetAsync($"{prefix}:mt:{queue}:deliveries", key, count);
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
