using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MassTransit.RedisTransport.InspectionTests;

public sealed class Administration_on_Redis(AnyRedis server) : AdministrationTests(server), IClassFixture<AnyRedis>;

public sealed class Administration_on_the_embedded_server(SharedEmbedded server)
    : AdministrationTests(server), IClassFixture<SharedEmbedded>;

public sealed class Administration_on_a_cluster(SharedCluster server) : AdministrationTests(server), IClassFixture<SharedCluster>;

public sealed class Administration_through_Sentinel(SharedSentinel server) : AdministrationTests(server), IClassFixture<SharedSentinel>;

/// <summary>What a process without a bus can do, beside one with a bus.</summary>
public abstract class AdministrationTests(SharedServerFixture fixture)
{
    [SkippableFact]
    public async Task Sees_and_mends_what_a_bus_has_left()
    {
        fixture.Server.SkipIfUnavailable();
        var failing = true;
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(fixture.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders", e =>
            e.Handler<Ping>(context =>
            {
                if (Volatile.Read(ref failing))
                    throw new InvalidOperationException("card refused");
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            })));
        await app.SendAsync("orders", new Ping(7));

        await using var administration = RedisAdministration.Connect(fixture.Server.ConnectionString, app.Prefix);
        await Eventually.TrueAsync(async () => (await administration.Queues.ListAsync(["orders"])) is [{ DeadLetters: 1 }]);
        Assert.Equal(["orders", "orders_error"], (await administration.Queues.ListAsync()).Select(x => x.Name));
        Assert.Equal(["orders"], await administration.Queues.ListSubscribersAsync<Ping>());
        var letter = Assert.Single((await administration.DeadLetters.ListAsync("orders_error")).Entries);
        Assert.Equal("card refused", letter.FaultMessage);

        Volatile.Write(ref failing, false);
        Assert.Equal(1, await administration.DeadLetters.ReplayAllAsync("orders_error"));
        await Eventually.TrueAsync(() => received.Items.SequenceEqual([7]));
    }

    [SkippableFact]
    public async Task Tells_what_the_server_is_and_leaves_no_key_behind()
    {
        fixture.Server.SkipIfUnavailable();
        var prefix = TestNames.Unique("admin");
        await using var administration = RedisAdministration.Connect(fixture.Server.ConnectionString, prefix);
        Assert.Empty(await administration.Queues.ListAsync());
        Assert.Empty((await administration.Audit.ListAsync()).Entries);

        var server = await administration.GetServerAsync();
        Assert.True(server.Primaries >= 1);
        Assert.Contains(server.Product, (string?[])["redis", "valkey", "garnet"]);
        Assert.Matches(@"^\d+\.\d+", server.Version);
        Assert.Contains(server.Mode, (string[])["standalone", "cluster", "sentinel"]);
        Assert.Equal(prefix, administration.KeyPrefix);

        await using var side = await ServerSide.ConnectAsync(fixture.Server, prefix);
        Assert.Empty(await side.AllKeysAsync());
    }
}

/// <summary>The same, without a server.</summary>
public sealed class AdministrationOptionTests
{
    [Theory]
    [InlineData("http://localhost", "The host address has another scheme")]
    [InlineData("localhost:6379,wrong=1", "The connection string cannot be read")]
    public void An_address_that_cannot_be_read_is_refused_without_being_shown(string address, string problem)
    {
        var exception = Assert.Throws<ConfigurationException>(() => RedisAdministration.Connect(address));
        Assert.StartsWith(problem, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_out_of_its_range_is_named_with_the_cure()
    {
        var exception = Assert.Throws<ConfigurationException>(() => RedisAdministration.Connect("redis://localhost", "a{b}"));
        Assert.Contains("KeyPrefix is 'a{b}': use 1 to 64 of the characters", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_address_never_shows_a_credential()
    {
        await using var administration = RedisAdministration.Connect("redis://ops:s3cret@db.example:6380/3/shop");

        Assert.Equal(("db.example:6380", 3, "shop"), (administration.Address, administration.Database, administration.KeyPrefix));
    }

    [Fact]
    public async Task A_server_that_is_away_is_told_of_within_the_time_that_was_given()
    {
        await using var administration = RedisAdministration.Connect("redis://127.0.0.1:1",
            configure: x => x.SendTimeout = TimeSpan.FromMilliseconds(300));

        var exception = await Eventually.CompletesAsync(
            Assert.ThrowsAsync<RedisTransportException>(() => administration.Queues.ListAsync()));
        Assert.True(exception.IsTransient);
        Assert.Contains("within 0.3 s", exception.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_server_that_may_evict_messages_can_be_looked_at()
    {
        await using var server = await OwnServer.StartAsync(new RedisServerOptions { MaxMemory = "64mb", MaxMemoryPolicy = "allkeys-lru" });
        await using var administration = RedisAdministration.Connect(server.ConnectionString);

        Assert.Empty(await administration.Queues.ListAsync());
        Assert.Equal(64 * 1024 * 1024, (await administration.GetServerAsync()).MaxMemory);
    }

    [SkippableFact]
    public async Task What_operators_do_is_recorded_on_a_full_server()
    {
        await using var server = await OwnServer.StartAsync(new RedisServerOptions { MaxMemory = "1mb" });
        await using var administration = RedisAdministration.Connect(server.ConnectionString);
        await using var connection = await server.ConnectAsync();
        await Assert.ThrowsAsync<StackExchange.Redis.RedisServerException>(() => connection.GetDatabase().StringSetAsync("x", "y"));

        await administration.Audit.RecordAsync(new RedisAuditEntry { User = "ops", Action = RedisAuditActions.Purge, Queue = "orders" });

        Assert.Single((await administration.Audit.ListAsync()).Entries);
    }

    /// <summary>A tool is started for each question, and MassTransit's assembly is the largest that it could need.</summary>
    [SkippableFact]
    public async Task Looking_at_queues_does_not_load_MassTransit()
    {
        await using var server = await OwnServer.StartAsync();
        var loading = new RecordingLoadContext();
        var type = loading.LoadFromAssemblyPath(typeof(RedisAdministration).Assembly.Location)
            .GetType(typeof(RedisAdministration).FullName!)!;
        var administration = (IAsyncDisposable)type.GetMethod(nameof(RedisAdministration.Connect))!
            .Invoke(null, [$"redis://{server.ConnectionString}/0/cold", null, null, null, null, null])!;
        await using (administration)
        {
            await AskAsync(administration, nameof(RedisAdministration.GetServerAsync), CancellationToken.None);
            await AskAsync(Part(nameof(RedisAdministration.Queues)), nameof(IRedisQueues.ListAsync), CancellationToken.None);
            await AskAsync(Part(nameof(RedisAdministration.Queues)), nameof(IRedisQueues.ListReceiversAsync), null, CancellationToken.None);
            await AskAsync(Part(nameof(RedisAdministration.Findings)), nameof(IRedisFindings.CheckAsync), CancellationToken.None);
            await AskAsync(Part(nameof(RedisAdministration.Audit)), nameof(IRedisAudit.ListAsync), 1, null, null, CancellationToken.None);
        }

        Assert.Contains("StackExchange.Redis", loading.Asked);
        Assert.DoesNotContain("MassTransit", loading.Asked);

        object Part(string name) => type.GetProperty(name)!.GetValue(administration)!;

        static Task AskAsync(object part, string method, params object?[] arguments) => (Task)part.GetType().GetMethods()
            .Single(x => x.Name == method && x.GetParameters().Length == arguments.Length
                && x.GetParameters()[0].ParameterType != typeof(IReadOnlyCollection<string>)).Invoke(part, arguments)!;
    }

    [SkippableFact]
    public async Task A_process_without_a_bus_gets_the_services_from_its_container()
    {
        await using var server = await OwnServer.StartAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddRedisAdministration(server.ConnectionString, "shop");
        using var host = builder.Build();

        await host.StartAsync();
        Assert.Empty(await host.Services.GetRequiredService<IRedisQueues>().ListAsync());
        Assert.Equal("shop", host.Services.GetRequiredService<RedisAdministration>().KeyPrefix);
        Assert.NotNull(host.Services.GetRequiredService<IRedisDeadLetters>());
        Assert.Empty((await host.Services.GetRequiredService<IRedisAudit>().ListAsync()).Entries);
        await host.StopAsync();
    }

    /// <summary>Loads the transport once more, and notes which of the assemblies beside it are asked for.</summary>
    sealed class RecordingLoadContext() : AssemblyLoadContext("recording")
    {
        public ConcurrentBag<string> Asked { get; } = [];

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            Asked.Add(assemblyName.Name!);
            var path = Path.Combine(AppContext.BaseDirectory, assemblyName.Name + ".dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }
    }
}
