using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Embedded.Tests;

public sealed class FaultProxyTests(SharedEmbedded shared) : IClassFixture<SharedEmbedded>, IAsyncLifetime
{
    readonly RedisKey _key = TestNames.Unique("key");
    FaultProxy _proxy = null!;
    ConnectionMultiplexer _connection = null!;
    ConnectionMultiplexer _direct = null!;

    IDatabase Database => _connection.GetDatabase();

    public async Task InitializeAsync()
    {
        _proxy = await FaultProxy.ListenAsync(shared.Server.ConnectionString);
        _connection = await ConnectionMultiplexer.ConnectAsync(
            $"{_proxy.ConnectionString},abortConnect=false,asyncTimeout=1000,connectTimeout=1000,connectRetry=1");
        _direct = await shared.Server.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _connection.DisposeAsync();
        await _direct.DisposeAsync();
    }

    [Fact]
    public async Task Everything_passes_until_told_otherwise()
    {
        await Database.StringSetAsync(_key, new byte[200_000]);

        Assert.Equal(200_000, (await Database.StringGetAsync(_key)).Length());
        Assert.True(_proxy.Counters.ReplyBytes > 200_000);
        Assert.True(_proxy.Counters.RequestBytes > 200_000);
        Assert.Equal(0, _proxy.Counters.LostReplyBytes);
    }

    [Fact]
    public async Task A_cut_connection_is_made_again()
    {
        var before = _proxy.Counters.Connections;

        _proxy.Cut();

        await Eventually.TrueAsync(async () => await Database.StringSetAsync(_key, "after"), message: "a write after the cut");
        Assert.True(_proxy.Counters.Connections > before);
    }

    [Fact]
    public async Task A_half_open_connection_neither_answers_nor_closes()
    {
        await Database.PingAsync();

        _proxy.HalfOpen();

        await Assert.ThrowsAsync<RedisTimeoutException>(() => Database.StringSetAsync(_key, "lost"));
        Assert.True(_proxy.OpenConnections > 0);
        Assert.True(_proxy.Counters.LostRequestBytes > 0);
        Assert.False(await _direct.GetDatabase().KeyExistsAsync(_key));

        _proxy.Pass();
        _proxy.Cut();
        await Eventually.TrueAsync(async () => await Database.StringSetAsync(_key, "after"), message: "a write after the fault");
    }

    [Fact]
    public async Task A_lost_reply_leaves_the_work_done_and_the_caller_in_doubt()
    {
        await Database.PingAsync();
        var lost = _proxy.DropReplies(_key.ToString());

        await Assert.ThrowsAnyAsync<Exception>(() => Database.StringIncrementAsync(_key));

        await Eventually.CompletesAsync(lost);
        Assert.Equal(1, (long)await _direct.GetDatabase().StringGetAsync(_key));
        // Once: the next call is answered.
        await Eventually.EqualAsync(2L, () => Database.StringIncrementAsync(_key), message: "the second increment");
    }

    [Fact]
    public async Task All_replies_can_be_lost_without_a_cut()
    {
        await Database.PingAsync();
        _ = _proxy.DropReplies(thenCut: false);

        await Assert.ThrowsAsync<RedisTimeoutException>(() => Database.StringSetAsync(_key, "done"));

        Assert.Equal("done", await _direct.GetDatabase().StringGetAsync(_key));
        Assert.True(_proxy.Counters.LostReplyBytes > 0);
    }

    [Fact]
    public async Task A_proxy_that_is_down_refuses_and_comes_back()
    {
        _proxy.TakeDown();
        await Eventually.TrueAsync(() => !_connection.IsConnected, message: "the client has noticed");
        await Assert.ThrowsAnyAsync<RedisException>(() => Database.PingAsync());

        _proxy.Pass();

        await Eventually.TrueAsync(async () => await Database.PingAsync() > TimeSpan.Zero, message: "a ping after the outage");
    }

    [Fact]
    public async Task Replies_are_held_back_as_long_as_told()
    {
        _proxy.ReplyDelay = TimeSpan.FromMilliseconds(120);

        Assert.True(await Database.PingAsync() >= TimeSpan.FromMilliseconds(100));
    }
}
