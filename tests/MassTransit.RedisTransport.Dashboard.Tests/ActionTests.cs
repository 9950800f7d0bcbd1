using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>What an operator does, in the browser: with JavaScript and without, by keyboard, on a phone.</summary>
public sealed class ActionTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    public static TheoryData<string> Ways => ["desktop", "no script", "phone"];

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public async Task Dead_letters_are_replayed_and_purged(string way)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 120, n => new DeadSeed
        {
            Message = $"card {n} refused",
            Exception = n < 5 ? "System.TimeoutException" : "System.InvalidOperationException",
        });
        await using var visit = await host.VisitAsync(x => Configure(x, way));
        var page = visit.Page;
        // What the back button leads to is gone.
        visit.Expected.Add(404);

        // One.
        await visit.GoAsync("/ops/dead/orders_error/messages");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "TimeoutException" }).First.ClickAsync();
        await visit.Link("Replay…").First.ClickAsync();
        await page.GetByLabel("Reason").FillAsync("try one");
        await visit.Button("Replay").ClickAsync();
        await Assertions.Expect(page.GetByText("1 dead letter was replayed.")).ToBeVisibleAsync();
        await AssertCountsAsync(host, 119, 1);

        // Reload and back repeat nothing.
        await page.ReloadAsync();
        await page.GoBackAsync();
        await AssertCountsAsync(host, 119, 1);

        // Those selected.
        await visit.GoAsync("/ops/dead/orders_error/messages");
        await page.Locator("input[name=key]").Nth(0).CheckAsync();
        await page.Locator("input[name=key]").Nth(7).CheckAsync();
        await visit.Button("Replay selected…").ClickAsync();
        Assert.Contains("2 dead letters of orders_error (selected) match now", await visit.TextAsync(), StringComparison.Ordinal);
        await visit.Button("Replay").ClickAsync();
        await AssertCountsAsync(host, 117, 3);

        // Those that match.
        await visit.GoAsync("/ops/dead/orders_error/messages");
        await page.GetByLabel("Exception", new PageGetByLabelOptions { Exact = true }).FillAsync("TimeoutException");
        await visit.Button("Filter").ClickAsync();
        await visit.Button("Replay all that match…").ClickAsync();
        await page.GetByLabel("Reason").FillAsync("the bank is back");
        await visit.Button("Replay").ClickAsync();
        await visit.AssertStartedAsync();
        // Of the five, one was replayed first, and some perhaps among those selected.
        await Eventually.TrueAsync(async () => !(await host.Letters.ListAsync("orders_error")).Entries
            .Any(x => x.ExceptionType == "System.TimeoutException"));
        var dead = await host.Seeds.CountAsync("orders_error");
        Assert.InRange(dead, 113, 115);
        await AssertCountsAsync(host, (int)dead, 120 - (int)dead);

        // A purge of more than 100 asks for the name.
        await visit.GoAsync("/ops/dead/orders_error/messages");
        await visit.Button("Purge all…").ClickAsync();
        await visit.Link("Cancel").ClickAsync();
        await visit.Button("Purge all…").ClickAsync();
        await page.GetByLabel("to confirm").FillAsync("orders_error");
        await visit.Button("Purge").ClickAsync();
        await visit.AssertStartedAsync();
        await host.WaitForAsync("orders", 0, 120 - dead);
        // Each is in the audit once: by whom, how many, and why.
        var acts = (await host.Services.GetRequiredService<IRedisAudit>().ListAsync(queue: "orders_error")).Entries
            .Where(x => x.Action != RedisAuditActions.ViewPayload).Select(x => $"{x.Action} {x.User} {x.Count} {x.Reason} {x.Outcome}");
        Assert.Equal(
            [
                $"purge local {dead}  Done", "replay local  the bank is back Done", "replay local 2  Done", "replay local 1 try one Done",
            ],
            acts);
    }

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public async Task A_failure_is_replayed_and_another_purged(string way)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 30, n => new DeadSeed
        {
            Exception = n % 3 == 0 ? "System.TimeoutException" : "System.InvalidOperationException",
        });
        await using var visit = await host.VisitAsync(x => Configure(x, way));
        await visit.GoAsync("/ops/dead/orders_error");
        var row = visit.Page.Locator("tr", new PageLocatorOptions { HasText = "TimeoutException" });
        await Eventually.TrueAsync(async () =>
        {
            await visit.GoAsync("/ops/dead/orders_error");
            return await row.CountAsync() == 1 && (await row.InnerTextAsync()).Contains("10", StringComparison.Ordinal);
        });
        await row.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "Replay…" }).ClickAsync();
        Assert.Contains("10 dead letters of orders_error", await visit.TextAsync(), StringComparison.Ordinal);
        await visit.Button("Replay").ClickAsync();
        await visit.AssertStartedAsync();
        await host.WaitForAsync("orders", 20, 10);

        await visit.GoAsync("/ops/dead/orders_error");
        await visit.Link("Purge…").ClickAsync();
        await visit.Button("Purge").ClickAsync();
        await visit.AssertStartedAsync();
        await host.WaitForAsync("orders", 0, 10);
    }

    [SkippableFact]
    public async Task A_filter_looks_on_by_itself_until_it_finds_something_or_is_stopped()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 20_500, n => new DeadSeed { Message = n == 20_400 ? "needle" : "hay", Stack = null });
        await using var visit = await host.VisitAsync();
        await visit.GoAsync("/ops/dead/orders_error/messages?message=needle");
        await Assertions.Expect(visit.Page.Locator("input[name=key]")).ToHaveCountAsync(1);
        await Assertions.Expect(visit.Page.GetByText("20,500 of 20,500 looked at.")).ToBeVisibleAsync();

        // Stopped, it stays where it is, by a clock that the test moves, and goes on when somebody wants it to.
        await using var other = await host.VisitAsync();
        await other.Page.Clock.InstallAsync();
        await other.GoAsync("/ops/dead/orders_error/messages?message=needle");
        await other.Button("Stop").ClickAsync();
        await Assertions.Expect(other.Page.Locator("#status")).ToHaveTextAsync("Stopped.");
        await other.Page.Clock.RunForAsync(60_000);
        await Assertions.Expect(other.Page.Locator(".pages")).ToContainTextAsync(new Regex("^\\s*(?!20,5)[0-9,]+ of 20,500 looked at"));

        await using var plain = await host.VisitAsync(x => Configure(x, "no script"));
        await plain.GoAsync("/ops/dead/orders_error/messages?message=needle");
        while (await plain.Link("Continue").CountAsync() > 0)
            await plain.Link("Continue").ClickAsync();
        await Assertions.Expect(plain.Page.Locator("input[name=key]")).ToHaveCountAsync(1);
    }

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public async Task A_queue_is_purged_and_deleted(string way)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.MessagesAsync("orders", 7);
        await using var visit = await host.VisitAsync(x => Configure(x, way));
        await visit.GoAsync("/ops/queues");
        await visit.Link("orders").ClickAsync();
        await visit.Link("Purge…").ClickAsync();
        await visit.Page.GetByLabel("to confirm").FillAsync("orders");
        await visit.Button("Purge").ClickAsync();
        await Assertions.Expect(visit.Page.GetByText("7 messages were purged.")).ToBeVisibleAsync();
        Assert.Equal(0, await host.Seeds.CountAsync("orders"));

        await visit.Link("Delete the queue…").ClickAsync();
        await visit.Page.GetByLabel("to confirm").FillAsync("orders");
        await visit.Button("Delete").ClickAsync();
        await Assertions.Expect(visit.Page.GetByText("The queue was deleted.")).ToBeVisibleAsync();
        Assert.False((await host.Server.CountAsync("orders")).Exists);
    }

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public async Task A_queue_is_paused_limited_and_resumed(string way)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.MessagesAsync("orders", 1);
        var queues = host.Services.GetRequiredService<IRedisQueues>();
        await using var visit = await host.VisitAsync(x => Configure(x, way));
        var page = visit.Page;
        await visit.GoAsync("/ops/queues/orders");
        await page.GetByText("Change it").ClickAsync();
        await page.GetByLabel("Reason", new PageGetByLabelOptions { Exact = true }).FillAsync("PSP is <b>down</b>");
        await page.GetByLabel("Ends after").FillAsync("30m");
        await visit.Button("Pause").ClickAsync();
        await Assertions.Expect(page.GetByText("The queue is paused.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("PSP is <b>down</b>")).ToBeVisibleAsync();
        var control = await queues.GetControlAsync("orders");
        Assert.Equal((true, "local", "PSP is <b>down</b>"), (control.IsPaused, control.PausedBy, control.Reason));
        Assert.Equal(30, Math.Round((control.PausedUntil!.Value - control.PausedAt!.Value).TotalMinutes));

        await page.GetByText("Change it").ClickAsync();
        await page.GetByLabel("In work at most").FillAsync("50");
        await visit.Button("Set the limit").ClickAsync();
        await page.GetByText("Change it").ClickAsync();
        await page.GetByLabel("Workers of each process").FillAsync("7");
        await visit.Button("Set the workers").ClickAsync();
        control = await queues.GetControlAsync("orders");
        Assert.Equal((50, 7), (control.Limit, control.Workers));

        await page.GetByText("Change it").ClickAsync();
        await visit.Button("Resume").ClickAsync();
        await Assertions.Expect(page.GetByText("The queue goes on.")).ToBeVisibleAsync();
        await page.GetByText("Change it").ClickAsync();
        await visit.Button("Back to what the code says").ClickAsync();
        control = await queues.GetControlAsync("orders");
        Assert.Equal((false, null, null, null), (control.IsPaused, control.Limit, control.Workers, control.Rate));

        var acts = (await host.Services.GetRequiredService<IRedisAudit>().ListAsync(queue: "orders")).Entries.Select(x => x.Action);
        Assert.Equal(["reset", "resume", "workers", "limit", "pause"], acts);
    }

    [SkippableFact]
    public async Task Everything_is_reached_by_the_keyboard_in_the_order_of_the_page()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 2);
        await using var visit = await host.VisitAsync();
        await visit.GoAsync("/ops/dead/orders_error/messages");
        await visit.Page.WaitForFunctionAsync("() => !document.querySelector('.tools').hidden");
        var places = new List<(double Top, double Left, string Text)>();
        for (var i = 0; i < 60; i++)
        {
            await visit.Page.Keyboard.PressAsync("Tab");
            var at = await visit.Page.EvaluateAsync<string[]>(
                """
                () => {
                  const e = document.activeElement, r = e.getBoundingClientRect();
                  return [String(r.top + scrollY), String(r.left), e.tagName + ' ' + (e.textContent || e.name || '').trim(),
                    getComputedStyle(e).outlineStyle];
                }
                """);
            if (at[2].StartsWith("BODY", StringComparison.Ordinal))
                break;
            Assert.NotEqual("none", at[3]);
            places.Add((double.Parse(at[0], System.Globalization.CultureInfo.InvariantCulture),
                double.Parse(at[1], System.Globalization.CultureInfo.InvariantCulture), at[2]));
        }

        string[] wanted = ["A Skip to the content", "A Queues", "BUTTON Filter", "BUTTON Replay selected…", "BUTTON Purge all…"];
        Assert.All(wanted, x => Assert.Contains(places, y => y.Text == x));
        // Rows of a line may differ in height by some pixels.
        Assert.All(places.Skip(1).Zip(places.Skip(2)), x => Assert.True(x.Second.Top > x.First.Top - 24,
            $"{x.Second.Text} comes after {x.First.Text} and stands above it."));

        // A replay without a mouse.
        await visit.GoAsync("/ops/dead/orders_error/messages");
        await visit.Button("Replay all…").FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Button("Replay").FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.AssertStartedAsync();
        await host.WaitForAsync("orders", 0, 2);
    }

    [SkippableFact]
    public async Task No_act_needs_a_mouse()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 102);
        await Eventually.TrueAsync(async () => (await host.Letters.ListGroupsAsync("orders_error")).Entries.Count == 1);
        await using var visit = await host.VisitAsync();
        var (page, keys) = (visit.Page, visit.Page.Keyboard);
        async Task PressAsync(ILocator on, string key)
        {
            await on.FocusAsync();
            await keys.PressAsync(key);
        }

        // Purge one, and take it back.
        await visit.GoAsync("/ops/dead/orders_error/messages");
        await PressAsync(page.Locator("input[name=key]").First, "Space");
        await PressAsync(visit.Button("Purge selected…"), "Enter");
        await page.GetByLabel("Reason").FocusAsync();
        await keys.TypeAsync("a double");
        await PressAsync(visit.Button("Purge"), "Enter");
        await Assertions.Expect(page.GetByText("1 dead letter was purged.")).ToBeVisibleAsync();
        await PressAsync(page.Locator("main").GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "Trash" }), "Enter");
        await PressAsync(page.Locator("input[name=key]").First, "Space");
        await PressAsync(visit.Button("Restore selected"), "Enter");
        await Assertions.Expect(page.GetByText("1 dead letter was restored.")).ToBeVisibleAsync();

        // A note.
        await visit.GoAsync("/ops/dead/orders_error");
        await PressAsync(visit.Link("Note…"), "Enter");
        await page.GetByLabel("Note", new PageGetByLabelOptions { Exact = true }).FocusAsync();
        await keys.TypeAsync("known");
        await keys.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("known – local")).ToBeVisibleAsync();

        // An edit.
        await visit.GoAsync("/ops/dead/orders_error/messages");
        await PressAsync(page.Locator("tbody a").First, "Enter");
        await PressAsync(visit.Link("Edit and replay…"), "Enter");
        await PressAsync(page.GetByLabel("Body"), "Control+A");
        await keys.TypeAsync("{\"number\":2}");
        await keys.PressAsync("Tab");
        await keys.PressAsync("Enter");
        await PressAsync(visit.Button("Replay the edited message"), "Enter");
        await Assertions.Expect(page.GetByText("The dead letter was edited and replayed.")).ToBeVisibleAsync();

        // All that are left, by their queue's name.
        await PressAsync(visit.Button("Purge all…"), "Enter");
        await page.GetByLabel("to confirm").FocusAsync();
        await keys.TypeAsync("orders_error");
        await keys.PressAsync("Enter");
        await visit.AssertStartedAsync();
        await host.WaitForAsync("orders", 0, 1);
    }

    [SkippableFact]
    public async Task On_a_phone_no_page_is_wider_than_the_screen()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("a-queue-with-a-name-that-is-so-long-that-it-fits-into-no-phone-of-this-world", 2,
            _ => new DeadSeed { Message = new string('x', 500), Stack = new string('y', 500) });
        await using var visit = await host.VisitAsync(x => Configure(x, "phone"));
        visit.Expected.Add(404);
        foreach (var path in await Tour.PathsAsync(host))
        {
            await visit.GoAsync(path);
            var width = await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
            Assert.True(width <= 360, $"{path} is {width} wide.");
        }
    }

    public static void Configure(BrowserNewContextOptions options, string way)
    {
        if (way == "no script")
            options.JavaScriptEnabled = false;
        if (way == "phone")
            options.ViewportSize = new ViewportSize { Width = 360, Height = 640 };
    }

    static async Task AssertCountsAsync(DashboardHost host, int dead, int ready) =>
        Assert.Equal((dead, ready), (await host.Seeds.CountAsync("orders_error"), await host.Seeds.CountAsync("orders")));
}
