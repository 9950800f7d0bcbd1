using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using Microsoft.Playwright;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>axe finds nothing to object to: on no page, in no theme, empty or full.</summary>
public sealed class AccessibilityTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [SkippableTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Every_page_is_accessible(ColorScheme scheme)
    {
        await using var empty = await DashboardHost.StartAsync(redis.Server);
        await AssertAccessibleAsync(empty, scheme);

        await using var full = await DashboardHost.StartAsync(redis.Server, x => x.Dashboard = o =>
        {
            o.UnsafelyOpenToEveryone();
            o.TraceUrl = "https://jaeger.test/trace/{traceId}";
        });
        var traced = new DeadSeed { Activity = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
        await full.Seeds.DeadAsync("orders", 60, _ => traced);
        await full.Seeds.DeadAsync("forms", 1, _ => new DeadSeed { ContentType = "application/x-www-form-urlencoded",
            Body = "a=1&b=2"u8.ToArray() });
        await full.Seeds.MessagesAsync("orders", 60);
        await AssertAccessibleAsync(full, scheme);
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
            await AssertAccessibleAsync(visit, theme);
        }
    }

    static async Task AssertAccessibleAsync(DashboardHost host, ColorScheme scheme)
    {
        // axe brings a script of its own.
        await using var visit = await host.VisitAsync(x => (x.BypassCSP, x.ColorScheme) = (true, scheme));
        visit.Expected.Add(404);
        foreach (var path in await Tour.PathsAsync(host))
        {
            await visit.GoAsync(path);
            await AssertAccessibleAsync(visit, $"{path} {scheme}");
        }
    }

    static async Task AssertAccessibleAsync(Visit visit, string what)
    {
        var result = await visit.Page.RunAxe(new AxeRunOptions
        {
            RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
                "best-practice"] },
        });
        Assert.True(result.Violations.Length == 0, $"{what}: " + string.Join('\n', result.Violations.Select(x =>
            $"{x.Id}: {x.Help}: {string.Join(" | ", x.Nodes.Take(3).Select(y => y.Html))}")));
    }
}
