using System.Net;
using System.Text;
using System.Text.Json;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>Dead letters of which somebody knows what is in them: webhooks, and whatever an application describes.</summary>
public sealed class WebhookTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [SkippableFact]
    public async Task Webhooks_are_shown_counted_and_found_by_what_they_are()
    {
        await using var host = await FailingWebhooks.StartAsync(redis.Server,
        [
            .. Enumerable.Range(0, 6).Select(n => new Webhook
            {
                Id = $"w-{n}",
                Receiver = n < 4 ? "github" : "stripe",
                EventType = n % 2 == 0 ? "push" : "ping",
                Tenant = n == 5 ? "<b>acme</b>" : null,
                ContentType = "application/json",
                Headers = new Dictionary<string, string> { ["x-attempt"] = "3", ["x-api-key"] = "s3cret" },
                Body = Encoding.UTF8.GetBytes($$"""{"bad": "it's {{n}}"}"""),
            }),
        ]);
        await using var visit = await host.VisitAsync();
        await visit.GoAsync("/ops/dead/hooks_error/messages");
        var text = await visit.TextAsync();
        Assert.Contains("Of all 6.", text, StringComparison.Ordinal);
        Assert.Contains("github 4 stripe 2", text, StringComparison.Ordinal);
        Assert.All(new[] { "Receiver", "Event type", "Tenant", "<b>acme</b>" }, x => Assert.Contains(x, text, StringComparison.Ordinal));

        // A value leads to those that have it, and another one to those that have both.
        await visit.Page.Locator("#main section a", new() { HasText = "github" }).ClickAsync();
        await visit.Page.Locator("#main section a", new() { HasText = "push" }).ClickAsync();
        Assert.Equal(2, await visit.Page.Locator("input[name=key]").CountAsync());
        Assert.Contains("mtq dead list hooks_error --receiver github --event push", await visit.TextAsync(), StringComparison.Ordinal);
        // So does an operation.
        await visit.Button("Replay all that match…").ClickAsync();
        Assert.Contains("2 dead letters of hooks_error (property receiver=github and eventType=push)", await visit.TextAsync(),
            StringComparison.Ordinal);

        var letter = Assert.Single((await host.Letters.ListAsync("hooks_error", new RedisDeadLetterFilter { Text = "it's 0" })).Entries);
        await visit.GoAsync($"/ops/dead/hooks_error/messages/{letter.Key}");
        text = await visit.TextAsync();
        Assert.Contains("\"bad\": \"it's 0\"", text, StringComparison.Ordinal);
        Assert.Contains("x-attempt", text, StringComparison.Ordinal);
        Assert.Contains("••• hidden", text, StringComparison.Ordinal);
        await visit.Page.GetByText("Send the body").ClickAsync();
        Assert.Equal("""
            curl -X POST http://localhost:5080/ \
              -H 'Content-Type: application/json' \
              -H 'x-attempt: 3' \
              --data-binary '{"bad": "it'\''s 0"}'
            """, await visit.Page.Locator("#curl").InnerTextAsync());
        Assert.DoesNotContain("s3cret", await visit.Page.ContentAsync(), StringComparison.Ordinal);
        Assert.Equal("""{"bad": "it's 0"}""", await (await host.GetAsync($"/ops/dead/hooks_error/messages/{letter.Key}/body")).Content
            .ReadAsStringAsync());

        // The page of the failures counts them, too.
        await visit.GoAsync("/ops/dead/hooks_error");
        Assert.Contains("github 4 stripe 2", await visit.TextAsync(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Counts_of_a_part_are_told_as_such()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Services = services =>
            services.AddRedisWebhookDescriber());
        await host.Seeds.DeadAsync("orders", 300, n => new DeadSeed
        {
            Body = Encoding.UTF8.GetBytes($$"""{"receiver":"{{(n % 3 == 0 ? "shop" : "bank")}}","body":"e30="}"""),
        });
        var page = await (await host.GetAsync("/ops/dead/orders_error/messages")).Content.ReadAsStringAsync();
        Assert.Contains("Of the first 250 that were looked at; there are more.", page, StringComparison.Ordinal);
        var rest = await (await host.GetAsync("/ops/dead/orders_error")).Content.ReadAsStringAsync();
        Assert.Contains("Of the first 250 that were looked at; there are more.", rest, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_describer_that_throws_takes_no_page_away_and_other_messages_go_without()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Services = services =>
        {
            services.AddSingleton<IRedisMessageDescriber>(new Broken());
            services.AddRedisWebhookDescriber();
        });
        await host.Seeds.DeadAsync("orders", 3);
        var key = (await host.Letters.ListAsync("orders_error")).Entries[0].Key;
        foreach (var path in new[] { "", "/messages", $"/messages/{key}", $"/messages/{key}/edit" })
            Assert.Equal((path, HttpStatusCode.OK), (path, (await host.GetAsync($"/ops/dead/orders_error{path}")).StatusCode));
        Assert.DoesNotContain("Values", await (await host.GetAsync("/ops/dead/orders_error/messages")).Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        Assert.Single(host.Log.Entries, x => x.Level == LogLevel.Error);
    }

    [SkippableFact]
    public async Task What_a_filter_selects_is_written_line_by_line_and_told_to_the_audit()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Services = services => services.AddRedisWebhookDescriber();
            x.Dashboard = o =>
            {
                o.UnsafelyOpenToEveryone();
                o.RedactBody = (body, _) => body.Span.IndexOf("redact"u8) >= 0 ? Encoding.UTF8.GetBytes("***") : body;
            };
        });
        await host.Seeds.DeadAsync("orders", 700, n => new DeadSeed
        {
            Message = n < 600 ? "card refused" : "other",
            Body = n == 0 ? [0xff, 0x00] : Encoding.UTF8.GetBytes(n == 1 ? "redact" : $$"""{"receiver":"shop","body":"e30=","n":{{n}}}"""),
            Headers = [KeyValuePair.Create("x-token", (object)"s3cret"), KeyValuePair.Create("x-plain", (object)"</script>\n")],
        });
        await using var visit = await host.VisitAsync();
        await visit.GoAsync("/ops/dead/orders_error/messages?message=card");
        var download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Link("Export as NDJSON").ClickAsync());
        Assert.Equal("dead-letters.ndjson", download.SuggestedFilename);
        var lines = await File.ReadAllLinesAsync((await download.PathAsync())!);
        Assert.Equal(600, lines.Length);
        var keys = new HashSet<string>();
        foreach (var line in lines)
        {
            using var json = JsonDocument.Parse(line);
            Assert.True(keys.Add(json.RootElement.GetProperty("letter").GetProperty("key").GetString()!));
            Assert.Equal("</script>\n", json.RootElement.GetProperty("headers").GetProperty("x-plain").GetString()!);
        }

        Assert.DoesNotContain(lines, x => x.Contains("s3cret", StringComparison.Ordinal));
        Assert.Contains(lines, x => x.Contains("\"bodyBase64\":\"/wA=\"", StringComparison.Ordinal));
        Assert.Contains(lines, x => x.Contains("\"body\":\"***\"", StringComparison.Ordinal));
        Assert.Equal(598, lines.Count(x => x.Contains("\"body\":\"{}\"", StringComparison.Ordinal)
            && x.Contains("\"receiver\":\"shop\"", StringComparison.Ordinal)));
        var entry = (await host.Services.GetRequiredService<IRedisAudit>().ListAsync(queue: "orders_error")).Entries[0];
        Assert.Equal(("export", "message contains \"card\""), (entry.Action, entry.Selection));
        using var answer = await host.GetAsync("/ops/dead/orders_error/export?message=none");
        Assert.Equal(("application/x-ndjson", "default-src 'none'; sandbox", ""), (answer.Content.Headers.ContentType!.MediaType,
            answer.Headers.GetValues("Content-Security-Policy").Single(), await answer.Content.ReadAsStringAsync()));
    }

    [SkippableFact]
    public async Task An_export_that_cannot_go_on_is_no_whole_file()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        // More than the connection holds before somebody reads it.
        await host.Seeds.DeadAsync("orders", 1_000, _ => new DeadSeed { Body = new byte[20_000] });
        using var answer = await host.Http.GetAsync("/ops/dead/orders_error/export", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        Assert.True(await stream.ReadAsync(new byte[1_000]) > 0);
        var queues = host.Services.GetRequiredService<IRedisQueues>();
        await queues.DeleteAsync("orders_error");
        await queues.DeleteAsync("orders");
        await Assert.ThrowsAnyAsync<IOException>(() => stream.CopyToAsync(Stream.Null));
    }

    sealed class Broken : IRedisMessageDescriber
    {
        public IReadOnlyList<RedisMessageFacet> Facets => [new("x", "X")];

        public RedisMessageDescription? Describe(RedisDeadLetter letter) => throw new NotSupportedException("s3cret");

        public RedisEdit WithBody(RedisDeadLetter letter, ReadOnlyMemory<byte> body) => throw new NotSupportedException();
    }
}
