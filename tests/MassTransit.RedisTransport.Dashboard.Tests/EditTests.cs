using System.Net;
using System.Text;
using MassTransit.RedisTransport.Dashboard.Payloads;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>A body is mended in the browser and replayed in one step, and nobody's edit is lost in silence.</summary>
public sealed class EditTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [SkippableTheory]
    [MemberData(nameof(ActionTests.Ways), MemberType = typeof(ActionTests))]
    public async Task The_body_of_a_webhook_is_mended_and_processed_once_and_a_second_tab_is_told_so(string way)
    {
        await using var host = await FailingWebhooks.StartAsync(redis.Server,
        [
            new Webhook { Id = "w-1", Receiver = "shop", EventType = "order.paid", ContentType = "application/json",
                Body = Encoding.UTF8.GetBytes("""{"order": "bad", "sum": 12345678901234567890.10}""") },
        ]);
        var letter = Assert.Single((await host.Letters.ListAsync("hooks_error")).Entries);
        var address = $"/ops/dead/hooks_error/messages/{letter.Key}";
        await using var second = await host.VisitAsync(x => ActionTests.Configure(x, way));
        second.Expected.Add(409);
        await second.GoAsync($"{address}/edit");
        await second.Page.GetByLabel("Body").FillAsync("""{"order": "third"}""");
        await second.Button("Show what has changed").ClickAsync();

        await using var visit = await host.VisitAsync(x => ActionTests.Configure(x, way));
        var page = visit.Page;
        visit.Expected.UnionWith([400, 404, 409]);
        await visit.GoAsync(address);
        await visit.Link("Edit and replay…").ClickAsync();
        var text = await page.GetByLabel("Body").InputValueAsync();
        Assert.Equal("{\n  \"order\": \"bad\",\n  \"sum\": 12345678901234567890.10\n}", text);
        // What is no JSON any more is not taken.
        await page.GetByLabel("Body").FillAsync(text.Replace("}", "", StringComparison.Ordinal));
        await visit.Button("Show what has changed").ClickAsync();
        Assert.Contains("this is no JSON, at line", await visit.TextAsync(), StringComparison.Ordinal);
        Assert.Equal(text.Replace("}", "", StringComparison.Ordinal), await page.GetByLabel("Body").InputValueAsync());

        await page.GetByLabel("Body").FillAsync(text.Replace("bad", "</textarea>good", StringComparison.Ordinal));
        await visit.Button("Show what has changed").ClickAsync();
        Assert.Equal(["-   \"order\": \"bad\","], await page.Locator("del").AllInnerTextsAsync());
        Assert.Equal(["+   \"order\": \"</textarea>good\","], await page.Locator("ins").AllInnerTextsAsync());
        await visit.Button("Change it again").ClickAsync();
        Assert.Contains("</textarea>good", await page.GetByLabel("Body").InputValueAsync(), StringComparison.Ordinal);
        await visit.Button("Show what has changed").ClickAsync();
        await page.GetByLabel("Reason").FillAsync("a typo of the shop");
        await visit.Button("Replay the edited message").ClickAsync();
        await Assertions.Expect(page.GetByText("The dead letter was edited and replayed.")).ToBeVisibleAsync();

        // Consumed once, with the edited body and the same id; the original is in the trash.
        var inbox = host.Services.GetRequiredService<WebhookInbox>();
        await Eventually.TrueAsync(() => !inbox.Items.IsEmpty);
        Assert.Equal(("w-1", "{\n  \"order\": \"</textarea>good\",\n  \"sum\": 12345678901234567890.10\n}"), Assert.Single(inbox.Items));
        var trashed = Assert.Single((await host.Services.GetRequiredService<IRedisTrash>().ListAsync("hooks_error")).Entries);
        Assert.Equal((letter.Key, letter.MessageId), (trashed.Letter.Key, trashed.Letter.MessageId));

        // The second tab, and the first one's way back.
        await second.Button("Replay the edited message").ClickAsync();
        await Assertions.Expect(second.Page.GetByText("local has done that: edit at")).ToBeVisibleAsync();
        await Assertions.Expect(second.Page.GetByText("a typo of the shop")).ToBeVisibleAsync();
        await page.ReloadAsync();
        // A page that was an answer to a form is not kept, and no browser sends it again by itself.
        await Assert.ThrowsAsync<PlaywrightException>(() => page.GoBackAsync());
        Assert.Single(inbox.Items);
        Assert.Equal((0, 0), (await host.Seeds.CountAsync("hooks"), await host.Seeds.CountAsync("hooks_error")));
        var acts = (await host.Services.GetRequiredService<IRedisAudit>().ListAsync(queue: "hooks_error")).Entries
            .Where(x => x.Action == "edit").Select(x => $"{x.User} {x.Selection} {x.Count} {x.Reason} {x.Outcome}");
        Assert.Equal([$"local {letter.Key} 1 a typo of the shop Done"], acts);
    }

    [SkippableFact]
    public async Task The_message_of_another_type_is_edited_without_its_envelope()
    {
        var received = new Inbox<Order>();
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders",
            e => e.Handler<Order>(context =>
            {
                if (context.Message.Number < 0)
                    throw new InvalidOperationException("below zero");
                received.Add(context.Message);
                return Task.CompletedTask;
            })));
        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("queue:orders"));
        await endpoint.Send(new Order(-7));
        await host.WaitForAsync("orders", 1, 0);
        var key = (await host.Letters.ListAsync("orders_error")).Entries[0].Key;
        await using var visit = await host.VisitAsync();
        await visit.GoAsync($"/ops/dead/orders_error/messages/{key}/edit");
        Assert.Equal("{\n  \"number\": -7\n}", await visit.Page.GetByLabel("Body").InputValueAsync());
        await visit.Page.GetByLabel("Body").FillAsync("""{"number": 7}""");
        await visit.Button("Show what has changed").ClickAsync();
        await visit.Button("Replay the edited message").ClickAsync();
        await Assertions.Expect(visit.Page.GetByText("The dead letter was edited and replayed.")).ToBeVisibleAsync();
        await received.WaitAsync(1);
        Assert.Equal([new Order(7)], received.Items);
    }

    [SkippableFact]
    public async Task A_text_keeps_its_ends_of_lines_and_what_cannot_be_edited_says_why()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Dashboard = o =>
        {
            o.UnsafelyOpenToEveryone();
            o.RedactBody = (body, _) => body.Span.IndexOf("hide"u8) >= 0 ? new byte[3] : body;
        });
        string[] bodies = ["one\r\ntwo", "one\ntwo", "\none", "hide me", "\0binary", new('x', RedisEdit.MaxBytes + 1), "{\"a\":1"];
        await host.Seeds.DeadAsync("orders", bodies.Length, n => new DeadSeed
        {
            Message = $"n{n}",
            Body = Encoding.UTF8.GetBytes(bodies[n]),
            ContentType = "text/plain",
        });
        await host.Seeds.DeadAsync("orders", 1, _ => new DeadSeed { Raw = [99, 1, 2] });
        var letters = (await host.Letters.ListAsync("orders_error")).Entries;
        string PathOf(int n) => $"/ops/dead/orders_error/messages/{letters.Single(x => x.FaultMessage == $"n{n}").Key}/edit";

        foreach (var (n, sentence) in new[] { (3, "RedactBody"), (4, "is no text"), (5, "256 KiB") })
        {
            using var answer = await host.GetAsync(PathOf(n));
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            Assert.Contains(sentence, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var unreadable = await host.GetAsync($"/ops/dead/orders_error/messages/{letters.Single(x => !x.IsReadable).Key}/edit");
        Assert.Equal(HttpStatusCode.Conflict, unreadable.StatusCode);

        // A browser sends every end of a line as on Windows.
        (int N, string Sent, string Stored)[] edits =
            [(0, "one\r\n2", "one\r\n2"), (1, "one\r\n2", "one\n2"), (2, "\r\n1", "\n1"), (6, "{\"a\":2", "{\"a\":2")];
        foreach (var (n, sent, stored) in edits)
        {
            using var same = await host.PostAsync(PathOf(n), ("text", bodies[n].ReplaceLineEndings("\r\n")));
            Assert.Equal(HttpStatusCode.BadRequest, same.StatusCode);
            using var answer = await host.PostAsync(PathOf(n) + "/replay", ("text", sent));
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
            var messages = await host.Services.GetRequiredService<IRedisQueues>().PeekAsync("orders", limit: 10);
            Assert.Equal(stored, Encoding.UTF8.GetString(messages[^1].Body.Span));
        }

        using var large = await host.PostAsync(PathOf(3).Replace("edit", "edit/replay", StringComparison.Ordinal), ("text", "x"));
        Assert.Equal(HttpStatusCode.Conflict, large.StatusCode);
    }

    [SkippableFact]
    public async Task Whoever_may_not_see_a_body_does_not_edit_it()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Environment = "Production";
            x.Services = TestSignIn.Add;
            x.Dashboard = TestSignIn.UsePolicies;
        });
        await host.Seeds.DeadAsync("orders", 1);
        var key = (await host.Letters.ListAsync("orders_error")).Entries[0].Key;
        foreach (var (rights, status) in new[]
        {
            (new[] { "View", "Edit" }, HttpStatusCode.Forbidden), (["View", "ViewPayload"], HttpStatusCode.Forbidden),
            (["View", "ViewPayload", "Edit"], HttpStatusCode.OK),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/ops/dead/orders_error/messages/{key}/edit");
            request.Headers.Add("X-Test-User", TestSignIn.Of("ann", rights));
            using var answer = await host.Http.SendAsync(request);
            Assert.Equal(status, answer.StatusCode);
        }

        Assert.Equal(["view-payload Done", "edit Denied", "edit Denied"],
            (await host.Services.GetRequiredService<IRedisAudit>().ListAsync()).Entries.Select(x => $"{x.Action} {x.Outcome}"));
    }

    [Theory]
    [InlineData("a", "a", "")]
    [InlineData("a\nb\nc", "a\nx\nc", " a|-b|+x| c")]
    [InlineData("a", "a\nb", " a|+b")]
    [InlineData("1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\nx", "…| 3| 4| 5|-6|+x")]
    [InlineData("x\n1\n2\n3\n4\n5\n6\n7\n8\ny", "X\n1\n2\n3\n4\n5\n6\n7\n8\nY", "-x|+X| 1| 2| 3|…| 6| 7| 8|-y|+Y")]
    [InlineData("x\n1\n2\n3\n4\n5\n6\n7\ny", "X\n1\n2\n3\n4\n5\n6\n7\nY", "-x|+X| 1| 2| 3| 4| 5| 6| 7|-y|+Y")]
    public void A_difference_is_told_line_by_line(string before, string after, string expected)
    {
        var lines = LineDiff.Of(before, after).Select(x => x.Kind switch
        {
            DiffKind.Removed => "-",
            DiffKind.Added => "+",
            DiffKind.Gap => "…",
            _ => " ",
        } + x.Line).ToArray();
        Assert.Equal(expected.Length == 0 ? [" a"] : expected.Split('|'), lines);
    }

    [Fact]
    public void A_difference_of_two_long_texts_costs_little()
    {
        var before = string.Concat(Enumerable.Range(0, 100_000).Select(x => $"{x}\n"));
        var after = string.Concat(Enumerable.Range(0, 100_000).Select(x => $"{x + 7}\n"));
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var lines = LineDiff.Of(before, after);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 100_000_000);
        Assert.True(lines.Count > 100_000);
    }
}
