using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Embedded.Tests;

/// <summary>What the transport's scripts need, on the embedded server.</summary>
public sealed class CommandTests(SharedEmbedded shared) : IClassFixture<SharedEmbedded>, IAsyncLifetime
{
    readonly string _tag = TestNames.Unique("q");
    ConnectionMultiplexer _connection = null!;

    IDatabase Database => _connection.GetDatabase();

    public async Task InitializeAsync() => _connection = await shared.Server.ConnectAsync();

    public async Task DisposeAsync() => await _connection.DisposeAsync();

    [Fact]
    public async Task A_loaded_script_runs_by_its_hash()
    {
        var hash = await _connection.GetServers()[0].ScriptLoadAsync("return redis.call('HINCRBY', KEYS[1], 'n', ARGV[1])");

        Assert.Equal(5, (long)await Database.ScriptEvaluateAsync(hash, [Key("meta")], [5]));
        Assert.Equal(8, (long)await Database.ScriptEvaluateAsync(hash, [Key("meta")], [3]));
    }

    [Fact]
    public async Task An_unknown_script_is_told_apart()
    {
        var exception = await Assert.ThrowsAsync<RedisServerException>(() => Database.ScriptEvaluateAsync(new byte[20]));

        Assert.StartsWith("NOSCRIPT", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scripts_unpack_two_thousand_values()
    {
        var added = await Database.ScriptEvaluateAsync("return redis.call('ZADD', KEYS[1], unpack(ARGV))", [Key("ready")],
            [.. Enumerable.Range(0, 1000).SelectMany(i => (RedisValue[])[i, $"m{i}"])]);
        var scores =
            (RedisResult[])(await Database.ScriptEvaluateAsync("return redis.call('ZMSCORE', KEYS[1], unpack(ARGV))", [Key("ready")],
            [.. Enumerable.Range(0, 2000).Select(i => (RedisValue)$"m{i}")]))!;

        Assert.Equal(1000, (long)added);
        Assert.Equal(2000, scores.Length);
        Assert.Equal("999", (string?)scores[999]);
        Assert.True(scores[1000].IsNull);
    }

    [Fact]
    public async Task Sorted_sets_keep_scores_of_fifty_three_bits()
    {
        var reply = (RedisResult[])(await Database.ScriptEvaluateAsync(
            """
            redis.call('ZADD', KEYS[1], '-8972014882652160', 'urgent', '9007199254740991', 'last')
            local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '0', 'LIMIT', 0, 10)
            local first = redis.call('ZPOPMIN', KEYS[1], 1)
            return {due[1], first[1], first[2], redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')[2]}
            """, [Key("ready")]))!;

        Assert.Equal(["urgent", "urgent", "-8972014882652160", "9007199254740991"], reply.Select(r => (string?)r));
    }

    [Fact]
    public async Task Hashes_answer_false_for_what_is_missing_and_keys_expire()
    {
        var reply = (RedisResult[])(await Database.ScriptEvaluateAsync(
            """
            redis.call('HSET', KEYS[1], 'a', '1')
            local values = redis.call('HMGET', KEYS[1], 'a', 'b')
            redis.call('PEXPIRE', KEYS[1], '1')
            return {values[1], values[2] == false and 'missing' or 'nil', redis.call('TIME')[1]}
            """, [Key("meta")]))!;

        Assert.Equal("1", (string?)reply[0]);
        Assert.Equal("missing", (string?)reply[1]);
        Assert.True((long)reply[2] > 1_700_000_000);
        await Eventually.TrueAsync(async () => !await Database.KeyExistsAsync(Key("meta")));
    }

    [Fact]
    public async Task A_script_publishes_to_subscribers()
    {
        var channel = RedisChannel.Literal(_tag);
        var received = new TaskCompletionSource<string?>();
        await _connection.GetSubscriber().SubscribeAsync(channel, (_, value) => received.TrySetResult(value));

        await Database.ScriptEvaluateAsync("redis.call('PUBLISH', ARGV[1], ARGV[2])", [Key("meta")], [_tag, "wake"]);

        Assert.Equal("wake", await Eventually.CompletesAsync(received.Task));
    }

    [Fact]
    public async Task Databases_are_apart()
    {
        await _connection.GetDatabase(5).StringSetAsync(Key("x"), "5");

        Assert.Equal("5", (string?)await _connection.GetDatabase(5).ScriptEvaluateAsync("return redis.call('GET', KEYS[1])", [Key("x")]));
        Assert.False(await Database.KeyExistsAsync(Key("x")));
    }

    [Fact]
    public async Task Scripts_that_run_at_the_same_time_are_atomic()
    {
        const string script =
            "local n = tonumber(redis.call('GET', KEYS[1]) or '0') + 1 redis.call('SET', KEYS[1], string.format('%.0f', n)) return n";
        await using var other = await shared.Server.ConnectAsync();

        await Task.WhenAll(Enumerable.Range(0, 400).Select(i =>
            (i % 2 == 0 ? Database : other.GetDatabase()).ScriptEvaluateAsync(script, [Key("n")])));

        Assert.Equal(400, (long)await Database.StringGetAsync(Key("n")));
    }

    RedisKey Key(string name) => $"{{{_tag}}}:{name}";
}
