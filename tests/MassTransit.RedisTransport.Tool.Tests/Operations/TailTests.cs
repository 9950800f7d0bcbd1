using System.Text.Json;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;

namespace MassTransit.RedisTransport.Tool.Tests.Operations;

/// <summary><c>mtq tail</c>: figures and new dead letters, as they come.</summary>
public sealed class TailTests(AnyRedis fixture) : IClassFixture<AnyRedis>
{
    static IEnumerable<JsonElement> Of(Running tail, string kind) => tail.Lines.Where(x => x.GetProperty("kind").GetString() == kind);

    static async Task<Running> FollowAsync(Filled filled, params string[] arguments)
    {
        var tail = filled.Tool.Start(["tail", .. arguments, "--every", "200ms"]);
        await tail.SaysAsync("from now on.");
        return tail;
    }

    static Task FailAsync(Filled filled, int from, int count) =>
        Task.WhenAll(Enumerable.Range(from, count).Select(i => filled.App.SendAsync("payments", new Ping(i))));

    [SkippableFact]
    public async Task A_queue_is_followed_with_its_figures_and_each_new_dead_letter_once()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 2);
        await using var tail = await FollowAsync(filled, "payments");
        await Eventually.TrueAsync(() => Of(tail, "figures").Any());
        Snapshot.Matches("tail", tail.Lines[0]);
        await FailAsync(filled, 10, 3);
        await filled.DeadAsync(5);
        await Eventually.TrueAsync(() => Of(tail, "figures").Last().GetProperty("deadLetters").GetInt32() == 5);
        await FailAsync(filled, 20, 1);
        await Eventually.TrueAsync(() => Of(tail, "dead-letter").Count() == 4);
        Assert.Equal(ExitCode.Done, await tail.InterruptAsync());

        var keys = await filled.KeysAsync();
        Assert.Equal(keys[2..], Of(tail, "dead-letter").Select(x => x.GetProperty("key").GetString()));
        Assert.Equal("No answer to 20", Of(tail, "dead-letter").Last().GetProperty("faultMessage").GetString());
        Assert.All(tail.Lines, x => Assert.Equal(x.GetProperty("kind").GetString() == "figures" ? "payments" : "payments_error",
            x.GetProperty("queue").GetString()));
        Assert.Contains(Of(tail, "figures"), x => x.GetProperty("inRate").ValueKind == JsonValueKind.Number
            && x.GetProperty("inRate").GetDouble() > 0);
    }

    [SkippableFact]
    public async Task Of_all_queues_those_are_shown_in_which_something_happens()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 2, dead: 1);
        await using var all = await FollowAsync(filled);
        await using var dead = await FollowAsync(filled, "--dead");
        await FailAsync(filled, 5, 2);
        await filled.App.SendAsync("late", new Notice("first"));
        await Eventually.TrueAsync(() => Of(all, "dead-letter").Count() == 2 && Of(dead, "dead-letter").Count() == 2
            && Of(all, "figures").Any(x => x.GetProperty("queue").GetString() == "late"));
        Assert.Equal((ExitCode.Done, ExitCode.Done), (await all.InterruptAsync(), await dead.InterruptAsync()));
        Assert.DoesNotContain(all.Lines, x => x.GetProperty("queue").GetString() == "orders");
        Assert.Equal(2, dead.Lines.Length);
    }

    [SkippableFact]
    public async Task A_dead_letter_queue_that_several_share_shows_the_letters_of_the_queue_that_is_followed()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await TestApp.StartAsync(fixture.Server, x => x.Bus = (_, cfg) =>
        {
            cfg.SendTopology.ErrorQueueNameFormatter = new GraveyardName();
            foreach (var name in new[] { "payments", "orders" })
                cfg.ReceiveEndpoint(name, e => e.Handler<Ping>(_ => throw new TimeoutException(name)));
        });
        using var tool = new Terminal(fixture.Server, app.Prefix);
        await app.SendAsync("orders", new Ping(1));
        await Eventually.TrueAsync(async () => (await tool.RunAsync("dead", "list", "graveyard")).Out.Length > 0);
        // By the queue's name nobody replays or purges the letters of another.
        (await tool.RunAsync("dead", "purge", "orders", "--yes")).Ends(ExitCode.NotFound).Says("lie in graveyard");
        await using var payments = tool.Start("tail", "payments", "--dead", "--every", "200ms");
        await using var orders = tool.Start("tail", "orders", "--dead", "--every", "200ms");
        await payments.SaysAsync("from now on.");
        await orders.SaysAsync("from now on.");
        for (var i = 2; i < 5; i++)
        {
            await app.SendAsync("orders", new Ping(i));
            await Eventually.TrueAsync(() => orders.Lines.Length == i - 1);
        }

        // The first letter makes the graveyard known as that of payments; from then on it is followed.
        await Eventually.TrueAsync(async () =>
        {
            await app.SendAsync("payments", new Ping(9));
            return payments.Lines.Length >= 1;
        });
        Assert.Equal((ExitCode.Done, ExitCode.Done), (await payments.InterruptAsync(), await orders.InterruptAsync()));
        Assert.All(orders.Lines, x => Assert.Equal("orders", x.GetProperty("faultMessage").GetString()));
        Assert.All(payments.Lines, x => Assert.Equal("payments", x.GetProperty("faultMessage").GetString()));
    }

    sealed class GraveyardName : IErrorQueueNameFormatter
    {
        public string FormatErrorQueueName(string queueName) => "graveyard";
    }

    [SkippableFact]
    public async Task Of_a_burst_the_newest_are_shown_and_the_others_are_counted()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 1);
        const int Count = 100_000;
        await using var tail = await FollowAsync(filled, "payments", "--dead", "-n", "20");
        await using var raw = await fixture.Server.ConnectAsync();
        var root = $"{filled.Prefix}:mt:{{payments}}_error:";
        // What so many moves leave behind.
        await raw.GetDatabase().ScriptEvaluateAsync("""
            local place = tonumber(redis.call('HGET', KEYS[3], 'place'))
            for i = 1, tonumber(ARGV[1]) do
              place = place + 1
              local key = string.format('00%013x0000000', place)
              redis.call('HSET', KEYS[2], key, 'no record')
              redis.call('ZADD', KEYS[1], string.format('%.0f', place), key)
            end
            redis.call('HSET', KEYS[3], 'place', string.format('%.0f', place))
            redis.call('HINCRBY', KEYS[3], 'sent', ARGV[1])
            """, [$"{root}ready", $"{root}messages", $"{root}meta"], [Count]);
        await Eventually.TrueAsync(() => Shown() + Skipped() >= Count);
        Assert.Equal(ExitCode.Done, await tail.InterruptAsync());

        Assert.Equal(Count, Shown() + Skipped());
        Assert.InRange(Shown(), 20, Count / 10);
        var keys = Of(tail, "dead-letter").Select(x => x.GetProperty("key").GetString()!).ToArray();
        Assert.Equal(keys.Order(StringComparer.Ordinal).Distinct(), keys);

        long Shown() => Of(tail, "dead-letter").Count();
        long Skipped() => Of(tail, "skipped").Sum(x => x.GetProperty("skipped").GetInt64());
    }

    [SkippableFact]
    public async Task A_server_that_goes_away_is_told_of_once_and_waited_for()
    {
        await using var server = await OwnServer.StartAsync(new RedisServerOptions());
        await using var filled = await Filled.StartAsync(server, dead: 1);
        await using var tail = await FollowAsync(filled, "payments", "--timeout", "400ms");
        await using var watch = filled.Tool.Start("queues", "--watch", "200ms", "--timeout", "400ms");
        await Eventually.TrueAsync(() => tail.Lines.Length > 0 && watch.Lines.Length > 0);
        server.Suspend();
        try
        {
            await tail.SaysAsync("Waiting for it.");
            await watch.SaysAsync("Waiting for it.");
        }
        finally
        {
            server.Resume();
        }

        await tail.SaysAsync("Redis answers again.");
        await watch.SaysAsync("Redis answers again.");
        await FailAsync(filled, 7, 1);
        await Eventually.TrueAsync(() => Of(tail, "dead-letter").Count() == 1);
        Assert.Equal((ExitCode.Done, ExitCode.Done), (await tail.InterruptAsync(), await watch.InterruptAsync()));
        // The server's line, where it begins, away, back.
        Assert.Equal(4, tail.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(3, watch.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [SkippableFact]
    public async Task What_cannot_be_followed_is_told()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 1);
        foreach (var name in new[] { "nowhere", "nowhere_error" })
            (await filled.Tool.RunAsync("tail", name)).Ends(ExitCode.NotFound).Says(name);
        (await filled.Tool.RunAsync("tail", "--every", "1ms")).Ends(ExitCode.Usage).Says("--every 1ms is too short");
        (await filled.Tool.RunAsync("tail", "-n", "0")).Ends(ExitCode.Usage);
        // A queue that never failed has no dead-letter queue yet; one that goes is waited for.
        await using var tail = await FollowAsync(filled, "orders");
        await Eventually.TrueAsync(() => tail.Lines.Length > 0);
        (await filled.Tool.RunAsync("queue", "delete", "orders", "--yes")).Ends(ExitCode.Done);
        await tail.SaysAsync("There is no queue 'orders' any more.");
        Assert.Equal(ExitCode.Done, await tail.InterruptAsync());
        filled.Tool.IsTerminal = true;
        filled.Tool.Environment["NO_COLOR"] = "1";
        await using var shown = await FollowAsync(filled, "payments");
        await Eventually.TrueAsync(() => shown.Out.Contains("ready 0", StringComparison.Ordinal));
        Assert.Matches(@"^\d\d:\d\d:\d\d  payments  ready 0  delayed 0  leased 0  dead 0\n", shown.Out);
    }
}
