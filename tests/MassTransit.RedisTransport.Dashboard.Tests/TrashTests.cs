using System.Net;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>What was purged by mistake comes back.</summary>
public sealed class TrashTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [SkippableTheory]
    [MemberData(nameof(ActionTests.Ways), MemberType = typeof(ActionTests))]
    public async Task What_was_purged_is_restored(string way)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 5);
        await using var visit = await host.VisitAsync(x => ActionTests.Configure(x, way));
        var page = visit.Page;
        await visit.GoAsync("/ops/dead/orders_error/messages");
        foreach (var i in new[] { 0, 1, 2 })
            await page.Locator("input[name=key]").Nth(i).CheckAsync();
        await visit.Button("Purge selected…").ClickAsync();
        Assert.Contains("They would lie in the trash for 24 hours", await visit.TextAsync(), StringComparison.Ordinal);
        await page.GetByLabel("Reason").FillAsync("doubles");
        await visit.Button("Purge").ClickAsync();
        await Assertions.Expect(page.GetByText("3 dead letters were purged. For 24 hours the trash has them.")).ToBeVisibleAsync();
        Assert.Equal(2, await host.Seeds.CountAsync("orders_error"));

        await visit.Link("Trash").First.ClickAsync();
        await visit.Link("orders_error").ClickAsync();
        Assert.Contains("3 dead letters, the one deleted last first.", await visit.TextAsync(), StringComparison.Ordinal);
        Assert.Contains("(in 23 h)", await visit.TextAsync(), StringComparison.Ordinal);
        await page.Locator("input[name=key]").Nth(1).CheckAsync();
        await page.GetByLabel("Reason").FillAsync("no double");
        await visit.Button("Restore selected").ClickAsync();
        await Assertions.Expect(page.GetByText("1 dead letter was restored.")).ToBeVisibleAsync();
        await page.ReloadAsync();
        Assert.Equal(3, await host.Seeds.CountAsync("orders_error"));
        Assert.Equal(2, (await host.Services.GetRequiredService<IRedisTrash>().ListAsync("orders_error")).Total);

        var acts = (await host.Services.GetRequiredService<IRedisAudit>().ListAsync(queue: "orders_error")).Entries
            .Select(x => $"{x.Action} {x.User} {x.Count} {x.Reason} {x.Outcome}");
        Assert.Equal(["restore local 1 no double Done", "purge local 3 doubles Done"], acts);
    }

    [SkippableFact]
    public async Task A_whole_failure_that_was_purged_is_paged_through_and_restored()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 120);
        using var purge = await host.PostAsync("/ops/dead/orders_error/purge", ("what", "matching"), ("name", "orders_error"));
        await host.WaitForAsync("orders", 0, 0);
        await using var visit = await host.VisitAsync();
        await visit.GoAsync("/ops/trash/orders_error");
        var keys = new HashSet<string>();
        while (true)
        {
            foreach (var box in await visit.Page.Locator("input[name=key]").AllAsync())
                Assert.True(keys.Add((await box.GetAttributeAsync("value"))!));
            if (await visit.Link("Older").CountAsync() == 0)
                break;
            await visit.Link("Older").ClickAsync();
        }

        Assert.Equal(120, keys.Count);
        using var restored = await host.PostAsync("/ops/trash/orders_error/restore", [.. keys.Take(50).Select(x => ("key", x))]);
        Assert.Equal((HttpStatusCode.SeeOther, 50), (restored.StatusCode, await host.Seeds.CountAsync("orders_error")));
        using var many = await host.PostAsync("/ops/trash/orders_error/restore", [.. keys.Skip(50).Take(51).Select(x => ("key", x))]);
        Assert.Equal(HttpStatusCode.BadRequest, many.StatusCode);
    }

    [SkippableFact]
    public async Task In_the_trash_of_several_queues_a_user_sees_and_restores_only_their_own()
    {
        const string Shared = "ann-graveyard";
        await using var host = await SharedErrors.StartAsync(redis.Server, Shared, sends: 2);
        var letters = (await host.Letters.ListAsync(Shared)).Entries;
        await host.Services.GetRequiredService<IRedisTrash>().DiscardAsync(Shared, [.. letters.Select(x => x.Key)], new RedisActor("x"));
        host.Http.DefaultRequestHeaders.Add("X-Test-User", TestSignIn.Of("ann", TestSignIn.Rights));
        var page = await (await host.GetAsync($"/ops/trash/{Shared}")).Content.ReadAsStringAsync();
        Assert.All(letters, x => Assert.Equal(x.OriginalQueue == "ann-orders", page.Contains(x.Key, StringComparison.Ordinal)));
        Assert.DoesNotContain("4 dead letters", page, StringComparison.Ordinal);

        using var restored = await host.PostAsync($"/ops/trash/{Shared}/restore", [.. letters.Select(x => ("key", x.Key))]);
        Assert.Equal(HttpStatusCode.SeeOther, restored.StatusCode);
        Assert.Equal(["ann-orders", "ann-orders"], (await host.Letters.ListAsync(Shared)).Entries.Select(x => x.OriginalQueue));
        using var none = await host.PostAsync($"/ops/trash/{Shared}/restore",
            ("key", letters.First(x => x.OriginalQueue == "bob-orders").Key));
        Assert.Equal((HttpStatusCode.NotFound, 2), (none.StatusCode, await host.Seeds.CountAsync(Shared)));
    }
}
