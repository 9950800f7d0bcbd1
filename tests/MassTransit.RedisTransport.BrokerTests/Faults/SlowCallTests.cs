using System.Globalization;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Scripts;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests.Faults;

/// <summary>No call holds the server for 10 ms, however deep the queue is: a slow call stops every client of the server.</summary>
public sealed class SlowCallTests : FaultTests
{
    const int Backlog = 200_000;
    const int LimitMicroseconds = 10_000;

    /// <summary>
    /// The slow log counts the time for which the machine takes the processor away from the server, too. The best of so many
    /// tells, and what the server's own thread used of the processor.
    /// </summary>
    const int Attempts = 8;

    [SkippableFact]
    public async Task No_operation_on_a_backlog_of_200_000_holds_the_server_for_10_ms()
    {
        await using var server = await StartAsync(x => x.ExtraLines.Add($"slowlog-log-slower-than {LimitMicroseconds}"));
        await using var engine = Connect(server.ConnectionString);
        await using var admin = await server.ConnectAsync();
        var database = admin.GetDatabase();
        var queue = engine.Queue("deep");
        var error = engine.Queue("deep_error");
        await queue.DeclareAsync(new QueueSettings());
        var record = new byte[200];
        await BacklogTests.FillAsync(queue, Backlog,
            x => new OutgoingMessage(record, (byte)(x % 5), TimeSpan.FromHours(x % 4 == 0 ? 1 : 0)));
        await BacklogTests.FillAsync(error, 10_000, _ => new OutgoingMessage(record));
        var slow = new List<string>();

        async Task MeasureAsync(string operation, Func<Task<Func<Task>>> arrange)
        {
            var found = "";
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var act = await arrange();
                await admin.GetServers()[0].SlowlogResetAsync();
                var before = await ProcessorTimeAsync(admin);
                await act();
                var used = await ProcessorTimeAsync(admin) - before;
                found = await SlowScriptAsync(admin);
                if (found.Length == 0 || used.TotalMicroseconds < LimitMicroseconds)
                    return;
                found += string.Create(CultureInfo.InvariantCulture, $" (used {used.TotalMicroseconds:0} us)");
            }

            slow.Add($"{operation}: {found}");
        }

        await MeasureAsync("send a full batch", () => Arranged(() => SendAsync(queue, record, TimeSpan.Zero)));
        await MeasureAsync("send a full batch delayed", () => Arranged(() => SendAsync(queue, record, TimeSpan.FromHours(1))));
        await MeasureAsync("lease a full batch", () => Arranged(() => LeaseAsync(queue)));
        await MeasureAsync("renew a full batch", async () => await WithLeasesAsync(queue, x => queue.RenewAsync(x, Lease)));
        await MeasureAsync("release a full batch",
            async () => await WithLeasesAsync(queue, x => queue.ReleaseAsync(x, TimeSpan.Zero, failedDelivery: true)));
        await MeasureAsync("release a full batch delayed",
            async () => await WithLeasesAsync(queue, x => queue.ReleaseAsync(x, Lease, failedDelivery: true)));
        await MeasureAsync("settle a full batch",
            async () => await WithLeasesAsync(queue, x => Task.WhenAll(x.Select(y => queue.SettleAsync(y)))));
        await MeasureAsync("move",
            async () => await WithLeasesAsync(queue, x => Task.WhenAll(x.Take(10).Select(y => queue.MoveAsync(y, error, record)))));
        await MeasureAsync("replay a full batch", async () =>
        {
            var dead = await error.PeekAsync(MessageState.Ready, 0, MessageQueue.MaxBatch);
            return () => error.RequeueAsync(queue, [.. dead.Select(x => KeyValuePair.Create(x.Key, x.Record!.Value))]);
        });
        await MeasureAsync("settle a full batch, take back and promote of 3,000 each, lease a full batch", async () =>
        {
            var finished = await LeaseAsync(queue);
            await EndAsync(database, queue.Keys.Leased);
            await EndAsync(database, queue.Keys.Delayed);
            return () => new ScriptCaller(engine.Connection).RunAsync(ScriptCatalog.Lease, queue.Keys.All,
                ["token", LeaseReader.MaxRecords, 60_000, queue.Keys.WakeChannelName, ReplyBudget.Most, 1,
                    .. finished.Select(x => (RedisValue)x.Lease.Member)]);
        });
        await MeasureAsync("recover, third page", () => Arranged(() =>
            new ScriptCaller(engine.Connection).RunAsync(ScriptCatalog.Recover, queue.Keys.All, ["nobody", 0, 2_000])));
        await MeasureAsync("peek a full page in the middle",
            () => Arranged(() => queue.PeekAsync(MessageState.Ready, 70_000, MessageQueue.MaxPage)));
        await MeasureAsync("count", () => Arranged(() => queue.CountAsync()));
        await MeasureAsync("remove a full batch by key", async () =>
        {
            var waiting = await queue.PeekAsync(MessageState.Delayed, 10_000, MessageQueue.MaxBatch);
            return () => queue.RemoveAsync([.. waiting.Select(x => x.Key)]);
        });
        await MeasureAsync("remove the first of a purge", () => Arranged(() =>
            new ScriptCaller(engine.Connection).RunAsync(ScriptCatalog.Remove, queue.Keys.All, [MessageQueue.MaxBatch])));

        Assert.True(slow.Count == 0, $"Above {LimitMicroseconds} us in each of {Attempts} attempts: {string.Join("; ", slow)}");
    }

    static Task<Func<Task>> Arranged(Func<Task> act) => Task.FromResult(act);

    static Task<SendOutcome[]> SendAsync(MessageQueue queue, byte[] record, TimeSpan delay) =>
        Task.WhenAll(Enumerable.Range(0, 1 + LeaseReader.MaxRecords)
            .Select(x => queue.SendAsync(new OutgoingMessage(record, (byte)(x % 5), delay))));

    static async Task<Func<Task>> WithLeasesAsync(MessageQueue queue, Func<LeaseHandle[], Task> act)
    {
        var messages = await LeaseAsync(queue);
        Assert.Equal(LeaseReader.MaxRecords, messages.Length);
        return () => act([.. messages.Select(x => x.Lease)]);
    }

    static async Task EndAsync(IDatabase database, RedisKey key)
    {
        var members = await database.SortedSetRangeByRankAsync(key, 0, 2_999);
        await database.SortedSetAddAsync(key, [.. members.Select(x => new SortedSetEntry(x, 1))]);
    }

    static async Task<TimeSpan> ProcessorTimeAsync(ConnectionMultiplexer admin)
    {
        var lines = (await admin.GetServers()[0].InfoAsync("cpu")).SelectMany(x => x)
            .Where(x => x.Key is "used_cpu_user_main_thread" or "used_cpu_sys_main_thread");
        return TimeSpan.FromSeconds(lines.Sum(x => double.Parse(x.Value, CultureInfo.InvariantCulture)));
    }

    static async Task<string> SlowScriptAsync(ConnectionMultiplexer admin)
    {
        var log = await admin.GetServers()[0].SlowlogGetAsync(1_000);
        return string.Join(", ", log.Where(x => x.Arguments[0].ToString() is "EVALSHA" or "EVAL")
            .Select(x => string.Create(CultureInfo.InvariantCulture, $"{x.Duration.TotalMicroseconds:0} us")));
    }
}
