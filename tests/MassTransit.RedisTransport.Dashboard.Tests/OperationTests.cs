using System.Net;
using System.Text.Json;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>Many dead letters at once: begun in the browser, worked on by the process, followed, changed and cancelled.</summary>
public sealed class OperationTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [SkippableTheory]
    [MemberData(nameof(ActionTests.Ways), MemberType = typeof(ActionTests))]
    public async Task A_replay_is_followed_paused_hastened_resumed_and_cancelled(string way)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 600);
        await using var visit = await host.VisitAsync(x => ActionTests.Configure(x, way));
        var page = visit.Page;
        await visit.GoAsync("/ops/dead/orders_error/messages");
        await visit.Button("Replay all…").ClickAsync();
        Assert.Contains("600 dead letters of orders_error (all) match now", await visit.TextAsync(), StringComparison.Ordinal);
        await page.GetByLabel("A second at most").FillAsync("20");
        await page.GetByLabel("Canary").FillAsync("");
        await page.GetByLabel("Reason").FillAsync("the bank is back");
        await visit.Button("Replay").ClickAsync();
        await visit.AssertStartedAsync();

        // Progress moves, by itself or on a page that is loaded again.
        var progress = page.Locator("[data-live$='/progress']");
        await Eventually.TrueAsync(async () =>
        {
            if (way == "no script")
                await page.ReloadAsync();
            return await progress.InnerTextAsync() is var text && text.EndsWith(" of 600", StringComparison.Ordinal)
                && int.Parse(text[..^7], System.Globalization.CultureInfo.InvariantCulture) is > 0 and < 600;
        });
        Assert.True(double.Parse((await page.Locator("progress").GetAttributeAsync("value"))!,
            System.Globalization.CultureInfo.InvariantCulture) > 0);

        await visit.Button("Pause").ClickAsync();
        await Assertions.Expect(visit.Button("Resume")).ToBeVisibleAsync();
        await page.GetByLabel("A second at most").FillAsync("40");
        await visit.Button("Set the rate").ClickAsync();
        await Assertions.Expect(page.GetByText("40 a second")).ToBeVisibleAsync();
        await visit.Button("Resume").ClickAsync();
        await Assertions.Expect(visit.Button("Pause")).ToBeVisibleAsync();
        await page.GetByLabel("Reason").FillAsync("enough");
        await visit.Button("Cancel").ClickAsync();
        await Assertions.Expect(page.GetByText("cancelled by local: enough")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Button("Cancel")).ToHaveCountAsync(0);

        var operation = Assert.Single(await OperationsOf(host).ListAsync());
        await Eventually.EqualAsync((operation.Done, 600L), async () =>
            (await host.Seeds.CountAsync("orders"), await host.Seeds.CountAsync("orders") + await host.Seeds.CountAsync("orders_error")));
        Assert.Equal((RedisOperationState.Cancelled, 40), (operation.State, operation.Rate));
        var acts = (await host.Services.GetRequiredService<IRedisAudit>().ListAsync(queue: "orders_error")).Entries
            .Select(x => $"{x.Action} {x.User} {x.Count} {x.Reason}");
        Assert.Equal(["cancel local  enough", "resume local  ", "rate local  ", "pause local  ", "replay local 600 the bank is back"],
            acts);
    }

    [SkippableFact]
    public async Task What_always_fails_again_stops_after_its_canary_and_the_first_page_leads_to_it()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders",
            e => e.Handler<Order>(_ => throw new InvalidOperationException("refused"))));
        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("queue:orders"));
        for (var i = 0; i < 40; i++)
            await endpoint.Send(new Order(i));
        await host.WaitForAsync("orders", 40, 0);
        await using var visit = await host.VisitAsync();
        await visit.GoAsync("/ops/dead/orders_error/messages");
        await visit.Button("Replay all…").ClickAsync();
        await visit.Page.GetByLabel("Then look for").FillAsync("2s");
        await visit.Button("Replay").ClickAsync();
        await visit.AssertStartedAsync();

        // The page follows it to its end by itself.
        await Assertions.Expect(visit.Page.Locator("main .bad")).ToHaveTextAsync("Stopped");
        var operation = Assert.Single(await OperationsOf(host).ListAsync());
        Assert.Equal((10, RedisOperationState.Stopped), (operation.Done, operation.State));
        Assert.Equal(40, await host.Seeds.CountAsync("orders_error"));

        await Eventually.TrueAsync(async () =>
        {
            await visit.GoAsync("/ops");
            return (await visit.TextAsync()).Contains("has stopped itself", StringComparison.Ordinal);
        });
        await visit.Page.Locator(".findings li", new PageLocatorOptions { HasText = "has stopped itself" })
            .GetByRole(AriaRole.Link).First.ClickAsync();
        Assert.Contains($"/operations/{Uri.EscapeDataString(operation.Id)}", visit.Page.Url, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task One_operation_runs_on_a_queue_at_a_time_and_the_second_is_led_to_the_first()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 300);
        using var first = await host.PostAsync("/ops/dead/orders_error/replay", ("what", "matching"), ("rate", "1"), ("canary", "0"));
        var operation = Assert.Single(await OperationsOf(host).ListAsync());
        Assert.Equal($"/ops/operations/{Uri.EscapeDataString(operation.Id)}?said=started&n=1", first.Headers.Location!.ToString());

        using var second = await host.PostAsync("/ops/dead/orders_error/purge", ("what", "matching"), ("name", "orders_error"));
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        var question = await (await host.GetAsync("/ops/dead/orders_error/purge?what=matching")).Content.ReadAsStringAsync();
        foreach (var page in new[] { await second.Content.ReadAsStringAsync(), question })
            Assert.Contains($"href=\"/ops/operations/{Uri.EscapeDataString(operation.Id)}\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<form class=\"confirm\"", question, StringComparison.Ordinal);

        // A replay is not changed by what asks for the right to purge.
        using var other = await host.PostAsync($"/ops/purges/{operation.Id}/cancel");
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        using var cancel = await host.PostAsync($"/ops/replays/{operation.Id}/cancel");
        Assert.Equal(RedisOperationState.Cancelled, (await OperationsOf(host).GetAsync(operation.Id))!.State);
    }

    [SkippableFact]
    public async Task The_question_tells_of_a_paused_target_and_of_a_line_that_does_the_same()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 3);
        await host.Services.GetRequiredService<IRedisQueues>().PauseAsync("orders", new RedisActor("ann"));
        var page = await (await host.GetAsync("/ops/dead/orders_error/replay?what=matching&exception=Invalid'Operation")).Content
            .ReadAsStringAsync();
        Assert.Contains("No dead letter matches now.", page, StringComparison.Ordinal);
        page = await (await host.GetAsync("/ops/dead/orders_error/replay?what=matching&message=card+1")).Content.ReadAsStringAsync();
        Assert.Contains("orders is paused: the operation would wait until it is resumed.", page, StringComparison.Ordinal);
        Assert.Contains("mtq dead replay orders_error --contains &#39;card 1&#39;", page, StringComparison.Ordinal);
        page = await (await host.GetAsync("/ops/dead/orders_error/purge?what=matching")).Content.ReadAsStringAsync();
        Assert.Contains("They would lie in the trash for 24 hours", page, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(true, false, 0)]
    [InlineData(false, false, 2)]
    [InlineData(true, true, 2)]
    public async Task A_process_with_a_dashboard_works_on_operations_unless_it_is_told_not_to(bool runs, bool isReadOnly, int left)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Dashboard = o =>
        {
            o.UnsafelyOpenToEveryone();
            (o.RunOperations, o.ReadOnly) = (runs, isReadOnly);
        });
        await host.Seeds.DeadAsync("orders", 2);
        var operation = await OperationsOf(host).StartReplayAsync(new RedisReplay("orders_error", RedisSelection.All) { Canary = 0 },
            new RedisActor("ann"));
        if (left == 0)
        {
            await host.WaitForAsync("orders", 0, 2);
            return;
        }

        // Meanwhile another process has done one of its own that was started later.
        await using var other = await DashboardHost.StartAsync(redis.Server);
        await other.Seeds.DeadAsync("orders", 2);
        using var started = await other.PostAsync("/ops/dead/orders_error/replay", ("what", "matching"));
        await other.WaitForAsync("orders", 0, 2);
        Assert.Equal((2, null), (await host.Seeds.CountAsync("orders_error"), (await OperationsOf(host).GetAsync(operation.Id))!.Owner));
    }

    [SkippableFact]
    public async Task A_process_that_stops_gives_its_operation_back_at_once()
    {
        await using var watch = await DashboardHost.StartAsync(redis.Server, x => x.Dashboard = o =>
        {
            o.UnsafelyOpenToEveryone();
            o.RunOperations = false;
        });
        await watch.Seeds.DeadAsync("orders", 500);
        string id;
        await using (var host = await DashboardHost.StartAsync(redis.Server, x => x.Prefix = watch.Prefix))
        {
            using var started = await host.PostAsync("/ops/dead/orders_error/replay", ("what", "matching"), ("rate", "10"),
                ("canary", "0"));
            id = Assert.Single(await OperationsOf(watch).ListAsync()).Id;
            await Eventually.TrueAsync(async () => (await OperationsOf(watch).GetAsync(id)) is { Owner: not null, Done: > 0 });
        }

        var left = (await OperationsOf(watch).GetAsync(id))!;
        Assert.Equal((null, RedisOperationState.Running), (left.Owner, left.State));
        await using var next = await DashboardHost.StartAsync(redis.Server, x => x.Prefix = watch.Prefix);
        await OperationsOf(watch).SetRateAsync(id, null, new RedisActor("ann"));
        await watch.WaitForAsync("orders", 0, 500);
        // It was given back, and did not have to be taken.
        Assert.Equal(0, (await OperationsOf(watch).GetAsync(id))!.TakenOver);
    }

    [SkippableFact]
    public async Task Operations_are_seen_and_changed_by_who_sees_their_queue_and_has_the_right()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Environment = "Production";
            x.Services = TestSignIn.Add;
            x.Dashboard = o =>
            {
                TestSignIn.UsePolicies(o);
                o.RunOperations = false;
                o.Visible = (user, queue) => queue.StartsWith(user.Identity!.Name!, StringComparison.Ordinal);
            };
        });
        await host.Seeds.DeadAsync("ann-orders", 3);
        await host.Seeds.DeadAsync("bob-orders", 3);
        var anns = (await OperationsOf(host).StartPurgeAsync(new RedisPurge("ann-orders_error", RedisSelection.All),
            new RedisActor("x"))).Id;
        var bobs = (await OperationsOf(host).StartReplayAsync(new RedisReplay("bob-orders_error", RedisSelection.All),
            new RedisActor("x"))).Id;

        host.Http.DefaultRequestHeaders.Add("X-Test-User", TestSignIn.Of("ann", "View", "Operate"));
        var list = await (await host.GetAsync("/ops/operations")).Content.ReadAsStringAsync();
        Assert.Contains(Uri.EscapeDataString(anns), list, StringComparison.Ordinal);
        Assert.DoesNotContain("bob-orders", list, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/ops/operations/{anns}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync($"/ops/operations/{bobs}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.PostAsync($"/ops/replays/{bobs}/cancel")).StatusCode);
        // A purge asks for the right to purge.
        Assert.Equal(HttpStatusCode.Forbidden, (await host.PostAsync($"/ops/purges/{anns}/cancel")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.PostAsync($"/ops/replays/{anns}/cancel")).StatusCode);
        using (var stream = await host.Http.GetAsync($"/ops/events?o={Uri.EscapeDataString(bobs)}&o={Uri.EscapeDataString(anns)}",
            HttpCompletionOption.ResponseHeadersRead))
        {
            using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
            var figures = await LiveTests.EventAsync(reader);
            Assert.Contains($"{anns}/state", figures, StringComparison.Ordinal);
            Assert.DoesNotContain(bobs, figures, StringComparison.Ordinal);
        }

        host.Http.DefaultRequestHeaders.Remove("X-Test-User");
        host.Http.DefaultRequestHeaders.Add("X-Test-User", TestSignIn.Of("ann", "View", "Destroy"));
        using var cancelled = await host.PostAsync($"/ops/purges/{anns}/cancel");
        Assert.Equal((HttpStatusCode.SeeOther, RedisOperationState.Cancelled),
            (cancelled.StatusCode, (await OperationsOf(host).GetAsync(anns))!.State));
    }

    [SkippableFact]
    public async Task Who_does_not_see_all_dead_letters_of_a_queue_starts_nothing_on_those_of_others()
    {
        const string Shared = "ann-graveyard";
        await using var host = await SharedErrorsAsync(Shared, sends: 12);
        host.Http.DefaultRequestHeaders.Add("X-Test-User", TestSignIn.Of("ann", TestSignIn.Rights));
        var question = await (await host.GetAsync($"/ops/dead/{Shared}/purge?what=matching")).Content.ReadAsStringAsync();
        Assert.Contains("12 dead letters", question, StringComparison.Ordinal);
        Assert.Contains("Only those that you see are included.", question, StringComparison.Ordinal);
        Assert.DoesNotContain("bob-orders", question, StringComparison.Ordinal);

        host.Http.DefaultRequestHeaders.Remove("Accept");
        host.Http.DefaultRequestHeaders.Add("Accept", "application/json");
        using var purge = await host.PostAsync($"/ops/dead/{Shared}/purge", ("what", "matching"), ("name", Shared));
        using var started = JsonDocument.Parse(await purge.Content.ReadAsStreamAsync());
        var id = started.RootElement.GetProperty("operation").GetProperty("id").GetString()!;
        await Eventually.TrueAsync(async () => (await OperationsOf(host).GetAsync(id))!.State == RedisOperationState.Done);
        Assert.Equal(12, await host.Seeds.CountAsync(Shared));
        Assert.All((await host.Letters.ListAsync(Shared)).Entries, x => Assert.Equal("bob-orders", x.OriginalQueue));
        // One's own is seen, that of somebody else on the same queue is not.
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/ops/operations/{id}")).StatusCode);
        var others = await OperationsOf(host).StartReplayAsync(new RedisReplay(Shared, RedisSelection.All) { Rate = 1 },
            new RedisActor("bob"));
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync($"/ops/operations/{others.Id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.PostAsync($"/ops/replays/{others.Id}/cancel")).StatusCode);

        using var nothing = await host.PostAsync($"/ops/dead/{Shared}/replay", ("what", "matching"));
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    Task<DashboardHost> SharedErrorsAsync(string shared, int sends) => SharedErrors.StartAsync(redis.Server, shared, sends);

    static IRedisOperations OperationsOf(DashboardHost host) => host.Services.GetRequiredService<IRedisOperations>();
}
