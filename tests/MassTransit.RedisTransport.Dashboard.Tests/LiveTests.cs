using System.Globalization;
using System.Net;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>Figures follow what happens, say when they are old, and cost Redis nothing when nobody looks.</summary>
public sealed class LiveTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [SkippableFact]
    public async Task Figures_on_an_open_page_follow_the_queue()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.MessagesAsync("orders", 3);
        await using var visit = await host.VisitAsync();
        await visit.GoAsync("/ops/queues");
        var ready = visit.Page.Locator("[data-live='orders/ready']");
        await Assertions.Expect(ready).ToHaveTextAsync("3");
        await host.Seeds.MessagesAsync("orders", 1_234);
        await Assertions.Expect(ready).ToHaveTextAsync("1,237");

        // Held, they stay.
        await visit.Page.Locator("#hold").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#status")).ToContainTextAsync("Updates are held");
        await host.Seeds.MessagesAsync("orders", 1);
        await visit.Page.Locator("#hold").ClickAsync();
        await Assertions.Expect(ready).ToHaveTextAsync("1,238");

        // So does its state.
        var paused = visit.Page.Locator("[data-live='orders/paused']");
        await Assertions.Expect(paused).ToHaveTextAsync("");
        var queues = host.Services.GetRequiredService<IRedisQueues>();
        await queues.PauseAsync("orders", new RedisActor("ann"));
        await Assertions.Expect(paused).ToHaveTextAsync("paused");
        await queues.ResumeAsync("orders", new RedisActor("ann"));
        await Assertions.Expect(paused).ToHaveTextAsync("");
    }

    [SkippableFact]
    public async Task Old_figures_are_marked_and_go_on_when_redis_is_back()
    {
        await using var server = await StartAsync();
        await using var host = await DashboardHost.StartAsync(server);
        await host.Seeds.MessagesAsync("orders", 3);
        await using var visit = await host.VisitAsync();
        visit.Expected.Add(503);
        await visit.GoAsync("/ops/queues");
        await visit.Page.WaitForFunctionAsync("() => document.getElementById('hold')?.hidden === false");
        server.Suspend();
        await Assertions.Expect(visit.Page.Locator("body")).ToHaveClassAsync("stale");

        // A new page says so, soon.
        await using var other = await host.VisitAsync();
        other.Expected.Add(503);
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        await other.GoAsync("/ops/queues/orders");
        Assert.Contains("Redis does not answer", await other.TextAsync(), StringComparison.Ordinal);
        Assert.Contains("No answer since", await other.TextAsync(), StringComparison.Ordinal);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(10));

        server.Resume();
        await host.Seeds.MessagesAsync("orders", 1);
        await Assertions.Expect(visit.Page.Locator("body")).Not.ToHaveClassAsync("stale");
        await Assertions.Expect(visit.Page.Locator("[data-live='orders/ready']")).ToHaveTextAsync("4");
    }

    [SkippableFact]
    public async Task Figures_whose_stream_is_cut_are_marked_and_go_on_when_the_process_is_back()
    {
        var first = await DashboardHost.StartAsync(redis.Server);
        await first.Seeds.MessagesAsync("orders", 3);
        await using var visit = await first.VisitAsync();
        visit.MayLoseItsServer = true;
        await visit.GoAsync("/ops/queues");
        await visit.Page.WaitForFunctionAsync("() => document.getElementById('hold')?.hidden === false");
        await first.DisposeAsync();
        await Assertions.Expect(visit.Page.Locator("body")).ToHaveClassAsync("stale", new() { Timeout = 30_000 });
        await Assertions.Expect(visit.Page.Locator("#status")).ToContainTextAsync("Figures are old");

        await using var second = await DashboardHost.StartAsync(redis.Server, x => (x.Prefix, x.Urls) = (first.Prefix, first.Origin));
        await second.Seeds.MessagesAsync("orders", 1);
        await Assertions.Expect(visit.Page.Locator("[data-live='orders/ready']")).ToHaveTextAsync("4", new() { Timeout = 30_000 });
        await Assertions.Expect(visit.Page.Locator("body")).Not.ToHaveClassAsync("stale");
    }

    [SkippableFact]
    public async Task Many_viewers_ask_redis_no_more_than_one_and_nobody_nothing()
    {
        await using var server = await StartAsync();
        await using var host = await DashboardHost.StartAsync(server, x => x.Dashboard = o =>
        {
            o.UnsafelyOpenToEveryone();
            o.RunOperations = false;
        });
        await host.Seeds.MessagesAsync("orders", 3);
        await using var watch = await server.ConnectAsync();

        async Task<long> CallsAsync(int viewers, int ticks)
        {
            var streams = await Task.WhenAll(Enumerable.Range(0, viewers).Select(_ =>
                host.Http.GetStreamAsync("/ops/events?q=orders")));
            using var reader = new StreamReader(streams[0]);
            await EventAsync(reader);
            var before = await ScriptsAsync(watch);
            for (var i = 0; i < ticks; i++)
                await EventAsync(reader);
            var calls = await ScriptsAsync(watch) - before;
            foreach (var stream in streams)
                await stream.DisposeAsync();
            return calls;
        }

        var one = await CallsAsync(1, 3);
        var many = await CallsAsync(20, 3);
        Assert.InRange(one, 1, 30);
        // A tick more or less may fall into the time between the two counts.
        Assert.InRange(many, one / 2, one * 2);

        // Streams that have ended are noticed by the next tick.
        await Eventually.TrueAsync(async () =>
        {
            var before = await ScriptsAsync(watch);
            await Task.Delay(TimeSpan.FromSeconds(2.5));
            return await ScriptsAsync(watch) == before;
        });
    }

    [SkippableFact]
    public async Task A_page_costs_a_few_calls_a_queue_and_asks_for_no_list_of_keys()
    {
        await using var server = await StartAsync();
        await using var host = await DashboardHost.StartAsync(server);
        const int Queues = 60;
        for (var i = 0; i < Queues; i++)
            await host.Seeds.MessagesAsync($"queue-{i:00}", 1);
        await host.Seeds.DeadAsync("queue-00", 500);
        await using var watch = await server.ConnectAsync();

        // The first view reads the list; those after it what they show.
        foreach (var path in await Tour.PathsAsync(host))
            using (await host.GetAsync(path)) { }
        using (await host.GetAsync("/ops/queues")) { }
        var before = await ScriptsAsync(watch);
        for (var i = 0; i < 5; i++)
            using (await host.GetAsync("/ops/dead/queue-00_error/messages")) { }
        Assert.InRange((await ScriptsAsync(watch) - before) / 5, 1, 6);

        var info = (await watch.GetServers()[0].InfoAsync("commandstats")).SelectMany(x => x).Select(x => x.Key);
        Assert.DoesNotContain(info, x => x is "cmdstat_keys" or "cmdstat_scan" or "cmdstat_client|list");
    }

    [SkippableFact]
    public async Task A_name_that_cannot_be_one_is_refused_and_takes_no_figures_from_others()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.MessagesAsync("orders", 1);
        using var refused = await host.Http.GetAsync("/ops/events?q=orders&q=a%7Bb", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        await using var stream = await host.Http.GetStreamAsync("/ops/events?q=orders");
        using var reader = new StreamReader(stream);
        Assert.Contains("\"orders/ready\":\"1\"", await EventAsync(reader), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task There_are_fifty_streams_at_most()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.MessagesAsync("orders", 1);
        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 50; i++)
            answers.Add(await host.Http.GetAsync("/ops/events?q=orders", HttpCompletionOption.ResponseHeadersRead));
        Assert.All(answers, x => Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (x.StatusCode,
            x.Content.Headers.ContentType!.MediaType)));
        Assert.Equal("no-store, no-transform", string.Join(", ", answers[0].Headers.GetValues("Cache-Control")));
        using var refused = await host.GetAsync("/ops/events?q=orders");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        answers.ForEach(x => x.Dispose());
        await Eventually.TrueAsync(async () =>
        {
            using var again = await host.Http.GetAsync("/ops/events?q=orders", HttpCompletionOption.ResponseHeadersRead);
            return again.IsSuccessStatusCode;
        });
    }

    static async Task<RedisServerProcess> StartAsync()
    {
        var server = new RedisServerProcess();
        await server.StartAsync();
        server.SkipIfNotControllable();
        return server;
    }

    /// <summary>The next event that has figures.</summary>
    internal static async Task<string> EventAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: {\"at\"", StringComparison.Ordinal))
                return line;
        }

        throw new EndOfStreamException("The stream has ended.");
    }

    /// <summary>How many scripts and reads the server has run.</summary>
    static async Task<long> ScriptsAsync(ConnectionMultiplexer connection)
    {
        var info = await connection.GetServers()[0].InfoAsync("commandstats");
        return info.SelectMany(x => x).Where(x => x.Key is "cmdstat_evalsha" or "cmdstat_smembers" or "cmdstat_exists" or "cmdstat_hmget")
            .Sum(x => long.Parse(x.Value.Split("calls=")[1].Split(',')[0], CultureInfo.InvariantCulture));
    }
}
