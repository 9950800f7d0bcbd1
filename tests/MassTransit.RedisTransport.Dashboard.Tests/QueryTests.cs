using System.Net;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>Addresses that nobody of good will has written.</summary>
public sealed class QueryTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [SkippableFact]
    public async Task What_cannot_be_understood_is_answered_with_a_sentence_and_is_no_failure()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 2);
        await host.Seeds.DeadAsync("other", 2);
        string[] numbers = ["-1", "NaN", "1e9", "1000000000", "0x10", "1.5", "９", " 1"];
        string[] durations = ["5", "-5m", "5y", "999999999999d", "4294967295d", "NaNh", "m"];
        string[] paths =
        [
            .. numbers.Select(x => $"/ops/queues?page={Uri.EscapeDataString(x)}"), "/ops/queues?page=0", "/ops/queues?page=1&page=2",
            .. numbers.Select(x => $"/ops/queues/orders/messages?offset={Uri.EscapeDataString(x)}"),
            .. durations.Select(x => $"/ops/dead/orders_error/messages?older={x}"),
            "/ops/queues?state=none", "/ops/queues/orders/messages?state=none", "/ops/queues/orders/messages?state=4",
            "/ops/queues/a%7Bb%7D", "/ops/queues/a b", "/ops/queues/%2e%2e%2f", "/ops/queues/orders%20", "/ops/queues/none",
                "/ops/queues/%C3%28",
            "/ops/queues/none/messages", "/ops/queues/none/purge", $"/ops/queues/{new string('q', 300)}",
            "/ops/dead/orders/messages", "/ops/dead/none_error/messages", "/ops/dead/a%7Bb%7D/messages",
            "/ops/dead/orders_error/messages?after=x", "/ops/dead/orders_error/messages?after=NaN%2Fx",
            $"/ops/dead/orders_error/messages?after={new string('9', 5_000)}", "/ops/dead/orders_error/messages?header=x",
            "/ops/dead/orders_error/messages?property=x", $"/ops/dead/orders_error/messages?text={new string('t', 300)}",
            "/ops/dead/orders_error/messages/x", $"/ops/dead/orders_error/messages/{new string('0', 22)}",
            "/ops/dead/orders_error/replay", "/ops/dead/orders_error/replay?what=all", "/ops/dead/orders_error/replay?what=selected",
            "/ops/dead/orders_error/replay?what=selected&key=x", "/ops/dead/orders_error/purge?what=matching&type=none",
            $"/ops/dead/orders_error/messages?message={new string('m', 500)}", "/ops/nothing", "/ops/assets/0/other.css",
        ];
        foreach (var path in paths)
        {
            using var answer = await host.GetAsync(path);
            Assert.True(answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound, $"{path}: {(int)answer.StatusCode}");
            Assert.Contains("class=\"problem\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // A cursor says a place, not a queue: that of another one leads to no other queue's letters.
        var cursor = (await host.Letters.ListAsync("other_error", limit: 1)).Next!;
        using var shown = await host.GetAsync($"/ops/dead/orders_error/messages?after={Uri.EscapeDataString(cursor)}");
        var page = await shown.Content.ReadAsStringAsync();
        Assert.DoesNotContain("other_error", page, StringComparison.Ordinal);

        // Kestrel answers these by itself.
        foreach (var path in new[] { "/ops/queues/%00", "/ops/queues/.." })
            Assert.NotEqual(HttpStatusCode.InternalServerError, (await host.GetAsync(path)).StatusCode);
        Assert.DoesNotContain(host.Log.Entries, x => x.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [SkippableFact]
    public async Task Forms_that_nobody_has_filled_in_change_nothing()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 101);
        await host.Seeds.MessagesAsync("orders", 3);
        (string Path, (string, string)[] Fields)[] forms =
        [
            ("/ops/dead/orders_error/purge", [("what", "matching")]), ("/ops/dead/orders_error/purge", [("what", "matching"), ("name",
                "orders")]),
            ("/ops/dead/orders_error/purge", []), ("/ops/dead/orders_error/replay", [("what", "selected")]),
            ("/ops/dead/orders_error/replay", [("what", "selected"), ("key", "../x")]), ("/ops/queues/orders/purge", []),
            ("/ops/queues/orders/purge", [("name", "Orders")]), ("/ops/queues/orders/delete", [("name", "")]),
            ("/ops/dead/orders_error/replay", [("what", "matching"), ("older", "x")]), ("/ops/queues/orders/pause", [("for", "soon")]),
            ("/ops/queues/orders/pause", [("for", "0s")]), ("/ops/queues/orders/pause", [("for", "400d")]),
            ("/ops/queues/orders/pause", [("reason", new string('r', 501))]), ("/ops/queues/orders/limit", [("value", "0")]),
            ("/ops/queues/orders/rate", [("value", "-1")]), ("/ops/queues/orders/workers", [("value", "1000001")]),
            ("/ops/queues/none/pause", []),
        ];
        foreach (var (path, fields) in forms)
        {
            using var answer = await host.PostAsync(path, fields);
            Assert.True(answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound, $"{path}: {(int)answer.StatusCode}");
        }

        using var json = await host.SendAsync("/ops/dead/orders_error/replay", x =>
        {
            x.Headers.Add("Sec-Fetch-Site", "same-origin");
            x.Content = new StringContent("""{"what":"matching"}""", null, "application/json");
        });
        Assert.Equal(HttpStatusCode.BadRequest, json.StatusCode);
        Assert.Equal((101, 3), (await host.Seeds.CountAsync("orders_error"), await host.Seeds.CountAsync("orders")));
    }

    [SkippableFact]
    public async Task Every_page_and_act_answers_with_json_to_whom_asks_for_it()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 2);
        var key = (await host.Letters.ListAsync("orders_error")).Entries[0].Key;
        host.Http.DefaultRequestHeaders.Remove("Accept");
        host.Http.DefaultRequestHeaders.Add("Accept", "application/json");
        string[] paths =
        [
            "/ops", "/ops/queues", "/ops/queues/orders", "/ops/queues/orders/messages", "/ops/dead", "/ops/dead/orders_error/messages",
            $"/ops/dead/orders_error/messages/{key}", "/ops/about", "/ops/dead/orders_error/replay?what=matching", "/ops/nothing",
        ];
        foreach (var path in paths)
        {
            using var answer = await host.GetAsync(path);
            Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
            using var _ = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
        }

        using var act = await host.PostAsync("/ops/dead/orders_error/replay", ("what", "matching"));
        Assert.Equal("""{"replayed":2}""", await act.Content.ReadAsStringAsync());
    }
}
