using System.Net;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>Everybody who looks at a failure sees that it is known, and who is on it.</summary>
public sealed class NoteTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [SkippableTheory]
    [MemberData(nameof(ActionTests.Ways), MemberType = typeof(ActionTests))]
    public async Task A_note_is_written_changed_and_removed(string way)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 3);
        var group = await GroupAsync(host);
        await using var visit = await host.VisitAsync(x => ActionTests.Configure(x, way));
        var page = visit.Page;
        await visit.GoAsync("/ops/dead/orders_error");
        await visit.Link("Note…").ClickAsync();
        await page.GetByLabel("Note", new PageGetByLabelOptions { Exact = true }).FillAsync("known, <b>PAY-123</b>, on it");
        await page.GetByLabel("Link").FillAsync("https://tracker.example/PAY-123");
        await page.GetByLabel("Until (UTC)").FillAsync("2099-12-31T23:59");
        await visit.Button("Save").ClickAsync();
        await Assertions.Expect(page.GetByText("The note was changed.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("known, <b>PAY-123</b>, on it – local")).ToBeVisibleAsync();
        Assert.Equal("https://tracker.example/PAY-123", await visit.Link("more").GetAttributeAsync("href"));
        var note = (await GroupsAsync(host)).Single().Note!;
        Assert.Equal(new DateTimeOffset(2099, 12, 31, 23, 59, 0, TimeSpan.Zero), note.Until);

        await visit.Link("Note…").ClickAsync();
        Assert.Equal("2099-12-31T23:59", await page.GetByLabel("Until (UTC)").InputValueAsync());
        await page.GetByLabel("Until (UTC)").FillAsync("2000-01-01T00:00");
        await visit.Button("Save").ClickAsync();
        await Assertions.Expect(page.GetByText("(over) known")).ToBeVisibleAsync();

        await visit.Link("Note…").ClickAsync();
        await page.GetByLabel("Note", new PageGetByLabelOptions { Exact = true }).FillAsync("");
        await visit.Button("Save").ClickAsync();
        await Assertions.Expect(page.GetByText("The note was changed.")).ToBeVisibleAsync();
        Assert.Null((await GroupsAsync(host)).Single().Note);
        var acts = (await host.Services.GetRequiredService<IRedisAudit>().ListAsync(queue: "orders_error")).Entries
            .Select(x => $"{x.Action} {x.User} {x.Selection}");
        Assert.Equal(Enumerable.Repeat($"note local group {group}", 3), acts);
    }

    [SkippableFact]
    public async Task A_note_that_cannot_be_one_changes_nothing()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 3);
        var path = $"/ops/dead/orders_error/groups/{await GroupAsync(host)}/note";
        (string, string)[][] forms =
        [
            [("text", new string('x', 501))], [("text", "x"), ("link", "javascript:alert(1)")], [("text", "x"), ("until", "soon")],
            [("text", "x"), ("link", "https://" + new string('x', 500))], [("text", "x"), ("until", "2026-13-01T00:00")],
        ];
        foreach (var form in forms)
            Assert.Equal(HttpStatusCode.BadRequest, (await host.PostAsync(path, form)).StatusCode);
        foreach (var other in new[] { "0123456789abcd", "x", "%3Cb%3E" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync($"/ops/dead/orders_error/groups/{other}/note")).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound,
                (await host.PostAsync($"/ops/dead/orders_error/groups/{other}/note", ("text", "x"))).StatusCode);
        }

        Assert.Null((await GroupsAsync(host)).Single().Note);
    }

    [SkippableFact]
    public async Task Who_does_not_see_a_whole_queue_writes_no_note_on_its_failures()
    {
        await using var host = await SharedErrors.StartAsync(redis.Server, "ann-graveyard", sends: 1);
        await Eventually.TrueAsync(async () => (await host.Letters.ListGroupsAsync("ann-graveyard")).Entries.Count == 1);
        var group = (await host.Letters.ListGroupsAsync("ann-graveyard")).Entries[0].Id;
        host.Http.DefaultRequestHeaders.Add("X-Test-User", TestSignIn.Of("ann", TestSignIn.Rights));
        using var answer = await host.PostAsync($"/ops/dead/ann-graveyard/groups/{group}/note", ("text", "x"));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    static async Task<string> GroupAsync(DashboardHost host)
    {
        await Eventually.TrueAsync(async () => (await GroupsAsync(host)).Count == 1);
        return (await GroupsAsync(host))[0].Id;
    }

    static async Task<IReadOnlyList<RedisFailureGroup>> GroupsAsync(DashboardHost host) =>
        (await host.Letters.ListGroupsAsync("orders_error")).Entries;
}
