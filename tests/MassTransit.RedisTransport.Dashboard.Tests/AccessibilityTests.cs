using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using Microsoft.Playwright;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>axe finds nothing to object to: on no page, in no theme, empty or full.</summary>
public sealed class AccessibilityTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly RunOnlyOptions Rules = new()
    {
        Type = "tag",
        Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    };

    /// <summary>What a theme decides.</summary>
    static readonly RunOnlyOptions Contrast = new() { Type = "rule", Values = ["color-contrast"] };

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_page_is_accessible_in_both_themes(bool isFull)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Dashboard = o =>
        {
            o.UnsafelyOpenToEveryone();
            o.TraceUrl = "https://jaeger.test/trace/{traceId}";
        });
        if (isFull)
        {
            var traced = new DeadSeed { Activity = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
            await host.Seeds.DeadAsync("orders", 60, _ => traced);
            await host.Seeds.MessagesAsync("orders", 60);
        }

        // axe brings a script of its own.
        await using var visit = await host.VisitAsync(x => x.BypassCSP = true);
        visit.Expected.Add(404);
        foreach (var path in await Tour.PathsAsync(host))
        {
            await visit.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
            await visit.GoAsync(path);
            await AssertAccessibleAsync(visit, $"{path} in light", Rules);
            await visit.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
            await AssertAccessibleAsync(visit, $"{path} in dark", Contrast);
        }
    }

    [SkippableFact]
    public async Task The_theme_that_somebody_chooses_is_kept_and_accessible()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 1);
        await using var visit = await host.VisitAsync(x => x.BypassCSP = true);
        await visit.GoAsync("/ops/dead/orders_error/messages");
        foreach (var theme in new[] { "light", "dark" })
        {
            await visit.Page.Locator("#theme").ClickAsync();
            await visit.Page.ReloadAsync();
            Assert.Equal(theme, await visit.Page.EvaluateAsync<string>("() => document.documentElement.dataset.theme"));
            await AssertAccessibleAsync(visit, theme, Contrast);
        }
    }

    static async Task AssertAccessibleAsync(Visit visit, string what, RunOnlyOptions rules)
    {
        var result = await visit.Page.RunAxe(new AxeRunOptions
        {
            RunOnly = rules,
            // Of what is right nobody needs a list.
            ResultTypes = [ResultType.Violations],
        });
        Assert.True(result.Violations.Length == 0, $"{what}: " + string.Join('\n', result.Violations.Select(x =>
            $"{x.Id}: {x.Help}: {string.Join(" | ", x.Nodes.Take(3).Select(y => y.Html))}")));
    }
}
