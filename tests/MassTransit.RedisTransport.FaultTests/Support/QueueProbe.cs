using System.Text.Json;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Keyspace;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.FaultTests.Support;

/// <summary>
/// What is in a queue at one instant. <see cref="Misplaced"/> counts ids that are in no place, in two, or without a record.
/// </summary>
readonly record struct QueueState(long Ready, long Delayed, long Leased, long Records, long Deliveries, long Misplaced, long Sent)
{
    public bool IsEmpty => this is { Ready: 0, Delayed: 0, Leased: 0, Records: 0, Deliveries: 0, Misplaced: 0 };
}

/// <summary>Looks at a queue past the transport and past every proxy, over a connection of its own.</summary>
sealed class QueueProbe : IAsyncDisposable
{
    // One script, so that it sees one instant.
    const string Script = """
        local place, misplaced, places, counts = {}, 0, 0, {}
        for i = 1, 3 do
          local members = redis.call('ZRANGE', KEYS[i], 0, -1)
          counts[i] = #members
          for _, member in ipairs(members) do
            local key = string.sub(member, 1, 22)
            if place[key] then misplaced = misplaced + 1 end
            place[key] = i
            places = places + 1
          end
        end
        local keys = redis.call('HKEYS', KEYS[4])
        for _, key in ipairs(keys) do
          if not place[key] then misplaced = misplaced + 1 end
        end
        if places > #keys then misplaced = misplaced + places - #keys end
        local sent = redis.call('HGET', KEYS[6], 'sent')
        return {counts[1], counts[2], counts[3], #keys, redis.call('HLEN', KEYS[5]), misplaced, tonumber(sent or '0')}
        """;

    readonly ConnectionMultiplexer _connection;
    readonly RedisKey[] _keys;

    QueueProbe(ConnectionMultiplexer connection, RedisKey[] keys)
    {
        _connection = connection;
        _keys = keys;
    }

    public IServer Server => _connection.GetServers().First(x => x.IsConnected);

    public static async Task<QueueProbe> OpenAsync(TestServer server, string prefix, string queue) =>
        new(await server.ConnectAsync(), new KeyLayout(prefix, 0).Queue(QueueName.Parse(queue)).All);

    public async Task<QueueState> ReadAsync()
    {
        var reply = (long[])(await _connection.GetDatabase().ScriptEvaluateAsync(Script, _keys))!;
        return new QueueState(reply[0], reply[1], reply[2], reply[3], reply[4], reply[5], reply[6]);
    }

    /// <summary>One of the queue's own counters.</summary>
    public async Task<long> CounterAsync(string name) => (long?)await _connection.GetDatabase().HashGetAsync(_keys[5], name) ?? 0;

    /// <summary>When the first lease ends, by the server's clock; 0 where there is none.</summary>
    public async Task<double> LeaseEndAsync() =>
        (await _connection.GetDatabase().SortedSetRangeByRankWithScoresAsync(_keys[2], 0, 0)).Select(x => x.Score).FirstOrDefault();

    /// <summary>Every id that is in the queue is in exactly one place.</summary>
    public async Task AssertInOnePlaceAsync() => Assert.Equal(0, (await ReadAsync()).Misplaced);

    public async Task EmptyAsync(TimeSpan? timeout = null)
    {
        QueueState last = default;
        await Eventually.TrueAsync(async () => (last = await ReadAsync()).IsEmpty, timeout ?? TimeSpan.FromSeconds(30),
            "the queue is empty");
    }

    /// <summary>The ids of the messages in the queue, read from their bodies; twice where one is there twice.</summary>
    public async Task<IReadOnlyList<int>> IdsAsync()
    {
        var records = await _connection.GetDatabase().HashGetAllAsync(_keys[3]);
        return [.. records.Select(x => IdOf((byte[])x.Value!))];
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    static int IdOf(byte[] packed)
    {
        Assert.True(MessageRecord.TryParse(packed, out var record));
        using var body = JsonDocument.Parse(record!.Body);
        return body.RootElement.GetProperty("message").GetProperty("id").GetInt32();
    }
}
