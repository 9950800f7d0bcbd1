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
            "/ops/operations/x", "/ops/operations/orders_error~0123456789ab", "/ops/operations/a%7Bb~0123456789ab",
            "/ops/trash/orders", "/ops/trash/none_error", $"/ops/dead/orders_error/messages/{new string('0', 22)}/edit",
            "/ops/dead/orders_error/messages/x/edit", "/ops/dead/none_error/export", "/ops/dead/orders_error/export?older=x",
            "/ops/dead/orders_error/groups/x/note", "/ops/dead/orders_error/messages?property=a=1&property=a=2",
            $"/ops/dead/orders_error/messages?property={new string('p', 500)}", "/ops/trash/a%7Bb%7D",
            .. numbers.Select(x => $"/ops/trash/orders_error?offset={Uri.EscapeDataString(x)}"),
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
            ("/ops/dead/orders_error/replay", [("what", "matching"), ("older", "x")]),
            ("/ops/dead/orders_error/replay", [("what", "matching"), ("rate", "0")]),
            ("/ops/dead/orders_error/replay", [("what", "matching"), ("rate", "100001")]),
            ("/ops/dead/orders_error/replay", [("what", "matching"), ("canary", "1001")]),
            ("/ops/dead/orders_error/replay", [("what", "matching"), ("brake", "101")]),
            ("/ops/dead/orders_error/replay", [("what", "matching"), ("look", "2h")]),
            ("/ops/dead/orders_error/replay", [("what", "matching"), ("reason", new string('r', 501))]),
            ("/ops/replays/orders_error~0123456789ab/rate", [("rate", "x")]), ("/ops/replays/orders_error~0123456789ab/cancel", []),
            ("/ops/dead/orders_error/messages/x/edit", [("text", "x")]), ("/ops/dead/orders_error/messages/x/edit/replay", []),
            ("/ops/trash/orders_error/restore", []), ("/ops/trash/orders_error/restore", [("key", "x")]),
            ("/ops/trash/none_error/restore", [("key", new string('0', 22))]), ("/ops/queues/orders/pause", [("for", "soon")]),
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

    [SkippableTheory]
    [InlineData("Visible", "/ops/queues")]
    [InlineData("Visible", "/ops/dead/orders_error/messages")]
    [InlineData("RedactBody", "/ops/dead/orders_error/messages/{key}/body")]
    [InlineData("IsSecretHeader", "/ops/dead/orders_error/messages/{key}")]
    public async Task What_the_applications_own_code_throws_is_no_fault_of_the_address(string option, string path)
    {
        var throws = false;
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Dashboard = o =>
        {
            o.UnsafelyOpenToEveryone();
            o.Visible = (_, _) => Answer(option == "Visible", true);
            o.RedactBody = (body, _) => Answer(option == "RedactBody", body);
            o.IsSecretHeader = _ => Answer(option == "IsSecretHeader", false);
        });
        T Answer<T>(bool isAsked, T value) => throws && isAsked ? throw new ArgumentException("s3cret") : value;
        await host.Seeds.DeadAsync("orders", 1);
        var key = (await host.Letters.ListAsync("orders_error")).Entries[0].Key;
        path = path.Replace("{key}", key, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync(path)).StatusCode);
        throws = true;
        using var answer = await host.GetAsync(path);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains($"The application&#39;s {option} has thrown.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", page, StringComparison.Ordinal);
        Assert.Contains(host.Log.Entries, x => x.Level == Microsoft.Extensions.Logging.LogLevel.Error
            && x.Text.Contains("s3cret", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_queue_with_the_longest_name_has_its_pages()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        foreach (var length in new[] { 247, 248, 249, 250, 255 })
        {
            var name = new string('q', length);
            await host.Seeds.MessagesAsync(name, 1);
            foreach (var page in new[] { "", "/messages", "/purge", "/delete" })
                Assert.Equal((length, HttpStatusCode.OK), (length, (await host.GetAsync($"/ops/queues/{name}{page}")).StatusCode));
        }
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
            "/ops/operations", "/ops/operations/none", "/ops/trash", "/ops/trash/orders_error",
            $"/ops/dead/orders_error/messages/{key}/edit", "/ops/dead/orders_error", "/ops/audit", "/ops/workers",
        ];
        foreach (var path in paths)
        {
            using var answer = await host.GetAsync(path);
            Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
            using var _ = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
        }

        using var act = await host.PostAsync("/ops/dead/orders_error/replay", ("what", "selected"), ("key", key));
        Assert.Equal("""{"replayed":1}""", await act.Content.ReadAsStringAsync());
        using var bulk = await host.PostAsync("/ops/dead/orders_error/replay", ("what", "matching"), ("rate", ""), ("reason", "why"));
        using var started = System.Text.Json.JsonDocument.Parse(await bulk.Content.ReadAsStreamAsync());
        var operation = started.RootElement.GetProperty("operation");
        Assert.Equal(("Replay", "why", 1), (operation.GetProperty("kind").GetString(), operation.GetProperty("reason").GetString(),
            operation.GetProperty("total").GetInt32()));
    }
}
