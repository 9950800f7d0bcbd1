using MassTransit.RedisTransport.Testing;
using MassTransit.RedisTransport.Testing.Processes;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Embedded.Tests;

public sealed class EmbeddedRedisTests
{
    [Fact]
    public async Task Two_servers_run_side_by_side_and_share_nothing()
    {
        await using var first = await EmbeddedRedis.StartAsync();
        await using var second = await EmbeddedRedis.StartAsync();
        await using var toFirst = await ConnectionMultiplexer.ConnectAsync(first.ConnectionString);
        await using var toSecond = await ConnectionMultiplexer.ConnectAsync(second.ConnectionString);

        await toFirst.GetDatabase().StringSetAsync("key", "value");

        Assert.NotEqual(first.Port, second.Port);
        Assert.Equal("value", await toFirst.GetDatabase().StringGetAsync("key"));
        Assert.False(await toSecond.GetDatabase().KeyExistsAsync("key"));
    }

    [Fact]
    public async Task Many_starts_at_once_each_get_a_port_of_their_own()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => EmbeddedRedis.StartAsync()));

        Assert.Equal(servers.Length, servers.Select(s => s.Port).Distinct().Count());

        foreach (var server in servers)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task A_disposed_server_frees_its_port()
    {
        var first = await EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { Port = FreePort.Next() });
        await first.DisposeAsync();
        await first.DisposeAsync();

        await using var second = await EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { Port = first.Port });

        Assert.Equal(first.Port, second.Port);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public async Task A_port_out_of_range_is_refused_with_the_cure(int port)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { Port = port }));

        Assert.Contains("0 for any free port", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_refused_with_the_cure()
    {
        await using var first = await EmbeddedRedis.StartAsync();

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { Port = first.Port }));

        Assert.Contains($"Port {first.Port} on 127.0.0.1 is in use", exception.Message, StringComparison.Ordinal);
        Assert.Contains("0 for any free one", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public async Task A_blank_data_folder_is_refused(string folder) =>
        await Assert.ThrowsAsync<ArgumentException>(() => EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { DataFolder = folder }));

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_refused_with_the_cure()
    {
        using var temp = new TempFolder("embedded");
        // A file where the folder should be: refused to root as well, whom no permission stops.
        await File.WriteAllTextAsync(temp.File("data"), "");

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { DataFolder = temp.File("data") }));

        Assert.Contains("cannot be written", exception.Message, StringComparison.Ordinal);
        Assert.Contains("null to keep the data in memory only", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_serves_one_server_at_a_time()
    {
        using var temp = new TempFolder("embedded");
        await using var first = await EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { DataFolder = temp.Path });

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { DataFolder = temp.Path }));

        Assert.Contains("used by another embedded server", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_on_the_same_folder_has_everything_that_was_acknowledged()
    {
        using var temp = new TempFolder("embedded");
        var options = new EmbeddedRedisOptions { DataFolder = temp.Path };
        long acknowledged = 0;

        for (var round = 0; round < 3; round++)
        {
            var server = await EmbeddedRedis.StartAsync(options);
            await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
            var database = connection.GetDatabase();
            Assert.Equal(acknowledged, (long)await database.HashGetAsync("{q}meta", "n"));
            Assert.Equal(acknowledged, await database.SortedSetLengthAsync("{q}ready"));

            // Writes until the server goes away: what it has acknowledged by then must come back.
            var first = new TaskCompletionSource();
            var writing = Task.Run(async () =>
            {
                try
                {
                    while (true)
                    {
                        acknowledged = (long)await database.ScriptEvaluateAsync(
                            "redis.call('ZADD', KEYS[2], ARGV[1], ARGV[1]) return redis.call('HINCRBY', KEYS[1], 'n', '1')",
                            ["{q}meta", "{q}ready"], [acknowledged + 1]);
                        if (acknowledged % 50 == 0)
                            first.TrySetResult();
                    }
                }
                catch (RedisException)
                {
                    // The server has gone.
                }
            });
            await Eventually.CompletesAsync(first.Task);
            await server.DisposeAsync();
            await Eventually.CompletesAsync(writing);
        }
    }

    [Fact]
    public async Task A_start_that_is_cancelled_before_it_begins_does_not_begin() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EmbeddedRedis.StartAsync(null, new CancellationToken(true)));
}
