using System.Net;
using System.Text;
using System.Text.Json;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>Whoever can send a webhook writes on the operator's screen: text, and nothing else.</summary>
public sealed class HostileTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly string[] Texts =
    [
        "</script><script>window.__hit=1;alert(1)</script>", "\"><img src=x onerror=\"window.__hit=2;alert(1)\">",
        "<svg/onload=\"window.__hit=3\">", "javascript:window.__hit=4", "'-(window.__hit=5)-'", "{{7*7}}", "${7*7}", "&lt;b&gt;",
            "</textarea><i>",
        "]]>", "--><script>window.__hit=6</script>", "` onmouseover=window.__hit=7 x=`", "</title><script>window.__hit=8</script>",
    ];

    static readonly string Everything = string.Join(' ', Texts);

    /// <summary>As a sender writes it who escapes no more than JSON asks for.</summary>
    static readonly string JsonText = Everything.Replace("\"", "\\\"", StringComparison.Ordinal);

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_message_contains_is_shown_as_text(bool withPolicy)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Services = services => services.AddRedisWebhookDescriber();
            x.Dashboard = o =>
            {
                o.UnsafelyOpenToEveryone();
                o.TraceUrl = "https://jaeger.test/trace/{traceId}";
                o.RunOperations = false;
            };
            // Encoding has to hold by itself.
            x.App = app => app.Use(async (context, next) =>
            {
                context.Response.OnStarting(() =>
                {
                    if (!withPolicy)
                        context.Response.Headers.Remove("Content-Security-Policy");
                    return Task.CompletedTask;
                });
                await next();
            });
        });
        await host.Seeds.DeadAsync("orders", 1, _ => new DeadSeed
        {
            Body = Encoding.UTF8.GetBytes($$"""{"text": "{{JsonText}}", "__proto__": "{{JsonText}}"}"""),
            ContentType = Everything,
            Exception = Everything,
            Message = Everything,
            Stack = Everything,
            Reason = Everything,
            Activity = $"00-{Everything}-01-01",
            Headers =
            [
                KeyValuePair.Create(Everything, (object)"name"), KeyValuePair.Create("value", (object)Everything),
                KeyValuePair.Create("MessageType", (object)Everything), KeyValuePair.Create("MT-Replayed-From", (object)Everything),
            ],
        });
        var key = (await host.Letters.ListAsync("orders_error")).Entries[0].Key;
        var webhook = await SeedWebhookAsync(host);
        var operation = await SeedOperationAsync(host);
        var group = (await host.Letters.ListGroupsAsync("orders_error")).Entries[0].Id;
        var query = $"exception=&message={Uri.EscapeDataString(Texts[0])}&type={Uri.EscapeDataString(Texts[1])}"
            + $"&header={Uri.EscapeDataString($"a={Texts[2]}")}";
        string[] paths =
        [
            "/ops/dead/orders_error", $"/ops/dead/orders_error/messages?text={Uri.EscapeDataString(Texts[0])}",
            $"/ops/dead/orders_error/messages?group={Uri.EscapeDataString(Texts[2])}", "/ops/dead/orders_error/messages",
                $"/ops/dead/orders_error/messages/{key}", "/ops/dead/orders_error/replay?what=matching",
            "/ops/dead/orders_error/purge?what=matching", $"/ops/dead/orders_error/messages?{query}",
            $"/ops/queues?name={Uri.EscapeDataString(Texts[1])}", $"/ops/queues/{Uri.EscapeDataString(Texts[1])}",
            $"/ops/queues?state={Uri.EscapeDataString(Texts[1])}",
                $"/ops/dead/orders_error/messages?after={Uri.EscapeDataString(Texts[1])}",
            $"/ops/dead/orders_error/messages?older={Uri.EscapeDataString("<b>1")}", $"/ops/?said={Uri.EscapeDataString(Texts[1])}&n=<b>",
            $"/ops/dead/hooks_error/messages/{webhook}", $"/ops/dead/hooks_error/messages/{webhook}/edit", "/ops/dead/hooks_error/messages",
            "/ops/dead/hooks_error", $"/ops/dead/hooks_error/messages?property={Uri.EscapeDataString($"receiver={Texts[1]}")}",
            $"/ops/operations/{operation}", "/ops/operations", "/ops/audit", "/ops/trash", "/ops/trash/hooks_error",
            $"/ops/dead/orders_error/groups/{group}/note", $"/ops/operations/{Uri.EscapeDataString(Texts[1])}",
            "/ops/dead/hooks_error/purge?what=matching",
        ];
        await using var visit = await host.VisitAsync();
        visit.Expected.UnionWith([400, 404]);
        foreach (var path in paths)
        {
            await visit.GoAsync(path);
            Assert.Equal(0, await visit.Page.Locator("main script, main img, main i, main b").CountAsync());
        }

        // What somebody types stays as it is, too.
        await visit.GoAsync($"/ops/dead/hooks_error/messages/{webhook}/edit");
        await visit.Page.GetByLabel("Body").FillAsync($"{Everything}\n\n{Everything}");
        await visit.Button("Show what has changed").ClickAsync();
        Assert.Equal(0, await visit.Page.Locator("main script, main img, main i, main b").CountAsync());
        await visit.Button("Change it again").ClickAsync();
        Assert.Equal($"{Everything}\n\n{Everything}", await visit.Page.GetByLabel("Body").InputValueAsync());

        await visit.GoAsync($"/ops/dead/orders_error/messages/{key}");
        var text = await visit.TextAsync();
        Assert.All(Texts, x => Assert.Contains(x, text, StringComparison.Ordinal));
        Assert.Equal(0, await visit.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Trace" }).CountAsync());
    }

    /// <summary>A webhook, one more in the trash, and a note on their failure.</summary>
    static async Task<string> SeedWebhookAsync(DashboardHost host)
    {
        await host.Seeds.DeadAsync("hooks", 2, _ => new DeadSeed
        {
            Message = Everything,
            Body = JsonSerializer.SerializeToUtf8Bytes(new
            {
                receiver = Everything,
                eventType = Everything,
                tenant = Everything,
                id = Everything,
                contentType = Everything,
                headers = new Dictionary<string, string> { [Everything] = Everything },
                body = Encoding.UTF8.GetBytes(Everything),
            }),
        });
        await Eventually.TrueAsync(async () => (await host.Letters.ListGroupsAsync("hooks_error")).Entries.Count == 1);
        var by = new RedisActor(Texts[0], Everything);
        var group = (await host.Letters.ListGroupsAsync("hooks_error")).Entries[0].Id;
        await host.Letters.SetNoteAsync("hooks_error", group, new RedisFailureNote(Everything), by);
        string[] keys = [.. (await host.Letters.ListAsync("hooks_error")).Entries.Select(x => x.Key)];
        await host.Services.GetRequiredService<IRedisTrash>().DiscardAsync("hooks_error", [keys[1]], by);
        return keys[0];
    }

    static async Task<string> SeedOperationAsync(DashboardHost host)
    {
        await Eventually.TrueAsync(async () => (await host.Letters.ListGroupsAsync("orders_error")).Entries.Count == 1);
        return (await host.Services.GetRequiredService<IRedisOperations>().StartReplayAsync(new RedisReplay("orders_error",
            RedisSelection.Where(new RedisDeadLetterFilter { FaultMessage = Everything })), new RedisActor(Texts[1], Everything))).Id;
    }

    [SkippableFact]
    public async Task Characters_that_nobody_sees_are_shown_and_change_no_order()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        var bytes = string.Concat(Enumerable.Range(0, 256).Select(x => (char)x));
        await host.Seeds.DeadAsync("orders", 1, _ => new DeadSeed
        {
            Message = $"\u001b[31mred {bytes} \u202Egnirts\u202C {new string('\u200b', 100_000)} end",
            Exception = "Shop.\u202EnoitpecxE",
            Stack = "at \u2066x\u2069 \ufeff",
            Body = [0xff, 0xfe, .. Encoding.Unicode.GetBytes("utf-16"), 0xc3, 0x28],
            Headers = [KeyValuePair.Create("h\u202e", (object)"\u0000\u0007 bell")],
        });
        var key = (await host.Letters.ListAsync("orders_error")).Entries[0].Key;
        await using var visit = await host.VisitAsync();
        await visit.GoAsync($"/ops/dead/orders_error/messages/{key}");
        var text = await visit.TextAsync();
        Assert.Contains("[U+202E]gnirts[U+202C]", text, StringComparison.Ordinal);
        Assert.Contains("␛[31mred", await (await host.GetAsync("/ops/dead/orders_error/messages")).Content.ReadAsStringAsync() + text,
            StringComparison.Ordinal);
        Assert.Contains("␀␇ bell", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, x => x is '\u202e' or '\u200b' or '\u001b' or '\0' or '\u0085' or '\ufeff');
        // Of the bytes a dump.
        Assert.Contains("00000000  ff fe 75 00", text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_document_in_a_body_is_a_download_that_runs_nothing()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 1, _ => new DeadSeed
        {
            Body = Encoding.UTF8.GetBytes("<html><script>window.__hit = 1</script><svg onload='window.__hit = 2'/></html>"),
            ContentType = "text/html\"; filename=\"evil.html",
        });
        var key = (await host.Letters.ListAsync("orders_error")).Entries[0].Key;
        using var answer = await host.GetAsync($"/ops/dead/orders_error/messages/{key}/body");
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("attachment; filename=\"message-body.bin\"", answer.Content.Headers.ContentDisposition!.ToString());

        await using var visit = await host.VisitAsync();
        await visit.GoAsync($"/ops/dead/orders_error/messages/{key}");
        var download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Link("Download the body").ClickAsync());
        Assert.Equal("message-body.bin", download.SuggestedFilename);
    }

    [SkippableFact]
    public async Task The_link_of_a_note_leads_nowhere_but_to_a_page()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 1);
        await Eventually.TrueAsync(async () => (await host.Letters.ListGroupsAsync("orders_error")).Entries.Count == 1);
        var group = (await host.Letters.ListGroupsAsync("orders_error")).Entries[0].Id;
        foreach (var link in new[] { "javascript:alert(1)", "/evil", "data:text/html,x", "  ", "https://tracker.example/1" })
        {
            // As whoever can write to Redis may do.
            await host.Server.Engine.Queue("orders_error").NoteAsync(group,
                JsonSerializer.Serialize(new { Text = "known", Link = link }));
            using var answer = await host.GetAsync("/ops/dead/orders_error");
            Assert.Equal((link, HttpStatusCode.OK), (link, answer.StatusCode));
            var page = await answer.Content.ReadAsStringAsync();
            Assert.Contains("known", page, StringComparison.Ordinal);
            Assert.Equal(link.StartsWith("https:", StringComparison.Ordinal),
                page.Contains($"href=\"{link}\"", StringComparison.Ordinal));
        }
    }

    [SkippableFact]
    public async Task A_trace_is_linked_only_by_a_whole_id()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Dashboard = o =>
        {
            o.UnsafelyOpenToEveryone();
            o.TraceUrl = "https://jaeger.test/trace/{traceId}";
        });
        const string Id = "0af7651916cd43dd8448eb211c80319c";
        string[] ids = [Id, "../../../../../../../../evil", Id + "0", "0af7651916cd43dd8448eb211c80319/",
            "0af7651916cd43dd8448eb211c8031%2e"];
        await host.Seeds.DeadAsync("orders", ids.Length, n => new DeadSeed
        {
            Message = $"n{n}",
            Activity = $"00-{ids[n]}-b7ad6b7169203331-01"
        });
        foreach (var letter in (await host.Letters.ListAsync("orders_error")).Entries)
        {
            var html = await (await host.GetAsync($"/ops/dead/orders_error/messages/{letter.Key}")).Content.ReadAsStringAsync();
            Assert.Equal(letter.FaultMessage == "n0", html.Contains("href=\"https://jaeger.test", StringComparison.Ordinal));
        }
    }

    [SkippableFact]
    public async Task A_record_that_cannot_be_read_is_shown_replayed_and_purged()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 2, _ => new DeadSeed { Raw = [99, 1, 2, 3, 0xff] });
        var keys = (await host.Letters.ListAsync("orders_error")).Entries.Select(x => x.Key).ToArray();
        var page = await (await host.GetAsync($"/ops/dead/orders_error/messages/{keys[0]}")).Content.ReadAsStringAsync();
        Assert.Contains("63 01 02 03 ff", page, StringComparison.Ordinal);
        using var replayed = await host.PostAsync("/ops/dead/orders_error/replay", ("what", "selected"), ("key", keys[0]));
        using var purged = await host.PostAsync("/ops/dead/orders_error/purge", ("what", "selected"), ("key", keys[1]));
        Assert.Equal((1, 0), (await host.Seeds.CountAsync("orders"), await host.Seeds.CountAsync("orders_error")));
    }
}
