using System.Text;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.BrokerTests.Servers;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests.Properties;

/// <summary>A queue that is used while others write into its keys, and an account of what was confirmed.</summary>
internal sealed class DamagedQueue(BrokerServer server, int seed, string label)
{
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    readonly Random _random = new(seed);
    readonly MessageQueue _queue = server.Engine.Queue(TestNames.Unique("damaged"));
    readonly LeaseReader[] _lanes = new LeaseReader[2];
    readonly Dictionary<string, bool> _confirmed = new(StringComparer.Ordinal);
    readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    readonly Dictionary<string, LeasedMessage> _held = new(StringComparer.Ordinal);
    int _sent;

    /// <summary>
    /// What is found where a number belongs. No number that a client could have written: nobody can tell that from a right one.
    /// </summary>
    public static readonly string[] Values =
    [
        "abc", "", " ", "-1", "1e300", "-1e300", "99999999999999999999", "-99999999999999999999", "inf", "-inf", "nan", "0x1g", "1.5e",
        "9007199254740993",
        "9223372036854775807", "-9223372036854775808", "1 0 0", "\0", "ÿ", "18446744073709551616", "{}", "4503599627370495", "true", "1,5",
    ];

    public static readonly string[] MetaFields =
    [
        "place", "counter", "step", "idle", "packed", "packed_delayed", "packed_leased", "sent", "completed", "moved", "reclaimed",
        "removed", "cancelled",
        "waiting", "declared", "suspects", "sweep", "unknown", "paused", "until", "limit", "rate", "tokens", "refilled", "workers",
        "control",
    ];

    static readonly string[] Foreign =
        ["foreign", "", "ffzz", "FF0000000000001000000", "ff0000000000001 000000", "longer than a key of ours could ever be"];

    string Name => $"{label}, {_queue.Name}";

    /// <summary>Random steps and random damage between them.</summary>
    public static async Task RunAsync(BrokerServer server, int seed, int steps)
    {
        var run = new DamagedQueue(server, seed, $"seed {seed}");
        await run.RunAsync(async () =>
        {
            for (var i = 0; i < steps; i++)
            {
                await run.StepAsync(run._random.Next(10));
                if (run._random.Next(3) == 0)
                    await run.DamageAsync(run.AnyField(), Values[run._random.Next(Values.Length)]);
            }
        });
    }

    /// <summary>Every operation once, with one value in one field before each.</summary>
    public static async Task RunAsync(BrokerServer server, string field, string value)
    {
        var run = new DamagedQueue(server, 1, $"{field} = '{value}'");
        await run.RunAsync(async () =>
        {
            for (var i = 0; i < 12; i++)
                await run.SendAsync(i);
            for (var step = 0; step < 10; step++)
            {
                await run.DamageAsync(field, value);
                await run.StepAsync(step);
                await run.SendAsync(step);
            }
        });
    }

    async Task RunAsync(Func<Task> use)
    {
        try
        {
            await _queue.DeclareAsync(new QueueSettings());
            NewLanes();
            await use();
            await DrainAsync();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{Name}: {exception.Message}", exception);
        }
    }

    void NewLanes()
    {
        for (var i = 0; i < _lanes.Length; i++)
            _lanes[i] = _queue.CreateReader();
    }

    async Task StepAsync(int step)
    {
        switch (step)
        {
            case 0 or 1:
                await SendAsync(_random.Next(12));
                break;
            case 2 or 3:
                await LeaseAsync(_lanes[step % 2], 1 + _random.Next(4));
                break;
            case 4 when Held() is { } message:
                if (await _queue.SettleAsync(message.Lease))
                    Done(message);
                break;
            case 5 when Held() is { } message:
                await _queue.ReleaseAsync([message.Lease], TimeSpan.FromHours(_random.Next(2)), failedDelivery: _random.Next(2) == 0);
                _held.Remove(Text(message));
                break;
            case 6 when Held() is { } message:
                await _queue.PutOffAsync(message.Lease, message.Record!.Value, TimeSpan.FromHours(1));
                _held.Remove(Text(message));
                break;
            case 7 when Held() is { } message:
                await _queue.RenewAsync([message.Lease], Lease);
                await server.Raw.SortedSetAddAsync(_queue.Keys.Leased, [new SortedSetEntry(message.Lease.Member, 1)], SortedSetWhen.Exists);
                break;
            case 8 when Held() is { } message:
                var error = server.Engine.Queue(_queue.Name + "_error");
                if (await _queue.MoveAsync(message.Lease, error, message.Record!.Value))
                    _held.Remove(Text(message));
                var dead = await error.PeekAsync(MessageState.Ready, 0, 10);
                await error.RequeueAsync(_queue, [.. dead.Select(x => KeyValuePair.Create(x.Key, x.Record!.Value))]);
                break;
            case 9:
                await _queue.CountAsync();
                await _queue.MeasureAsync();
                await _queue.PageAsync(null, null, 10);
                foreach (var state in Enum.GetValues<MessageState>())
                    await _queue.PeekAsync(state, 0, 10);
                await _queue.CancelAsync("t" + _random.Next(_sent + 1));
                await server.Engine.ChangeControlAsync(_queue.Name.Value, ControlChange.Pause(null), "damage", "");
                await server.Engine.ChangeControlAsync(_queue.Name.Value, ControlChange.Resume, "damage", "");
                await SplitAsync();
                break;
        }
    }

    async Task SendAsync(int kind)
    {
        var text = $"m{_sent++}";
        var message = new OutgoingMessage(Encoding.UTF8.GetBytes(text), (byte)(kind % 3), kind % 4 == 3 ? TimeSpan.FromHours(1) : default,
            MessageCount: kind % 5 == 4 ? 8 : 1);
        if (kind % 6 == 5)
            message = message with { CancelToken = "c" + text };
        try
        {
            if (await _queue.SendAsync(message) == SendOutcome.Stored)
                _confirmed.Add(text, false);
        }
        catch (RedisTransportException)
        {
            _refused.Add(text);
        }
    }

    async Task LeaseAsync(LeaseReader lane, int limit)
    {
        var result = await lane.LeaseAsync(limit, Lease);
        foreach (var message in result.Messages.Where(x => x.Record is not null))
        {
            // What a damaged record key brought into being is nobody's.
            if (Text(message) is ['m', ..] text)
                _held[text] = message;
            else
                await _queue.SettleAsync(message.Lease);
        }
    }

    async Task SplitAsync()
    {
        if (_held.Values.FirstOrDefault(x => x.Key.MessageCount > 1) is not { Record: not null } message)
            return;
        _held.Remove(Text(message));
        await _queue.SplitAsync(message, Lease, [message.Record.Value]);
    }

    LeasedMessage? Held() => _held.Count == 0 ? null : _held.Values.ElementAt(_random.Next(_held.Count));

    void Done(LeasedMessage message)
    {
        _held.Remove(Text(message));
        _confirmed[Text(message)] = true;
    }

    string AnyField() => _random.Next(12) switch
    {
        0 or 1 => "deliveries",
        2 => "lane",
        3 => "token",
        4 => "delayed score",
        5 => "leased score",
        6 => "ready score",
        7 => "foreign",
        8 => "stray",
        _ => MetaFields[_random.Next(MetaFields.Length)],
    };

    async Task DamageAsync(string field, string value)
    {
        var raw = server.Raw;
        switch (field)
        {
            case "deliveries":
                foreach (var key in await raw.HashKeysAsync(_queue.Keys.Messages))
                    await raw.HashSetAsync(_queue.Keys.Deliveries, key, value);
                break;
            case "lane" or "token":
                await foreach (var key in server.Admin.GetServers()[0].KeysAsync(server.Database, $"*{_queue.Name}*{field}*"))
                    await raw.StringSetAsync(key, value);
                break;
            case "delayed score" or "leased score" or "ready score":
                var set = field[0] == 'd' ? _queue.Keys.Delayed : field[0] == 'l' ? _queue.Keys.Leased : _queue.Keys.Ready;
                var score = value.Length % 3 == 0 ? double.PositiveInfinity : value.Length % 3 == 1 ? double.NegativeInfinity : 1e300;
                foreach (var member in await raw.SortedSetRangeByRankAsync(set))
                    await raw.SortedSetAddAsync(set, [new SortedSetEntry(member, score)], SortedSetWhen.Exists);
                break;
            case "foreign":
                var foreign = Foreign[_random.Next(Foreign.Length)];
                await raw.SortedSetAddAsync(_queue.Keys.All[_random.Next(3)], foreign,
                    _random.Next(3) switch { 0 => double.NegativeInfinity, 1 => 1, _ => double.PositiveInfinity });
                if (_random.Next(2) == 0)
                    await raw.HashSetAsync(_queue.Keys.Messages, foreign, "foreign");
                break;
            case "stray":
                // A message falls out of its set, as after a script that ended half-way.
                foreach (var key in _queue.Keys.All[..2])
                    await raw.SortedSetRemoveRangeByRankAsync(key, 0, 0);
                break;
            default:
                await raw.HashSetAsync(_queue.Keys.Meta, field, value);
                break;
        }
    }

    /// <summary>Everything that was confirmed and not settled comes out, by new receivers, once all delays and leases have ended.</summary>
    async Task DrainAsync()
    {
        var left = _confirmed.Where(x => !x.Value).Select(x => x.Key).ToHashSet(StringComparer.Ordinal);
        for (var round = 0; round < 200 && left.Count > 0; round++)
        {
            if (round % 20 == 0)
                NewLanes();
            foreach (var set in _queue.Keys.All[1..3])
            {
                foreach (var entry in await server.Raw.SortedSetRangeByRankWithScoresAsync(set))
                {
                    // Only time that could pass does: what would never fall due is not made to here.
                    if (double.IsFinite(entry.Score) && entry.Score < 1e15)
                        await server.Raw.SortedSetAddAsync(set, [new SortedSetEntry(entry.Element, 1)], SortedSetWhen.Exists);
                }
            }

            foreach (var message in (await _lanes[0].LeaseAsync(100, Lease)).Messages.Where(x => x.Record is not null))
            {
                left.Remove(Text(message));
                await _queue.SettleAsync(message.Lease);
            }
        }

        Assert.True(left.Count == 0, $"confirmed and lost: {string.Join(", ", left)}");
        var stored = (await server.Raw.HashGetAllAsync(_queue.Keys.Messages)).Select(x => x.Value.ToString()).Where(_refused.Contains)
            .ToArray();
        Assert.True(stored.Length == 0, $"refused and stored: {string.Join(", ", stored)}");
        await server.Raw.KeyDeleteAsync([.. _queue.Keys.All, .. _queue.Keys.Beside]);
    }

    static string Text(LeasedMessage message) => Encoding.UTF8.GetString(message.Record!.Value.Span);
}
