using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>The pages that say what is wrong, who receives and who did what: they show what the services say, and nothing else.</summary>
public sealed class OverviewTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    sealed record Ping(int Number);

    [SkippableFact]
    public async Task First_page_says_what_the_findings_say()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.MessagesAsync("orders", 3);
        var findings = await host.Services.GetRequiredService<IRedisFindings>().CheckAsync();
        await using var visit = await host.VisitAsync();
        await visit.GoAsync("/ops");
        var text = await visit.TextAsync();
        if (findings.Count == 0)
            Assert.Contains("Nothing is wrong.", text, StringComparison.Ordinal);
        Assert.All(findings, x => Assert.Contains(x.Cure, text, StringComparison.Ordinal));
        Assert.Equal(findings.Count, await visit.Page.Locator(".findings li").CountAsync());
    }

    [SkippableFact]
    public async Task First_page_leads_to_the_dead_letters_wherever_they_lie()
    {
        await using var host = await SharedErrors.StartAsync(redis.Server, "graveyard", sends: 60, x => x.Visible = null);
        host.Http.DefaultRequestHeaders.Add("X-Test-User", TestSignIn.Of("ann", TestSignIn.Rights));
        await Eventually.TrueAsync(async () => (await (await host.GetAsync("/ops")).Content.ReadAsStringAsync())
            .Contains("120 dead letters", StringComparison.Ordinal));
        var page = await (await host.GetAsync("/ops")).Content.ReadAsStringAsync();
        Assert.Contains("href=\"/ops/dead/graveyard\">ann-orders</a>", page, StringComparison.Ordinal);
        Assert.Contains("mtq dead groups graveyard", page, StringComparison.Ordinal);
        // So does the page of the queue.
        Assert.Contains("href=\"/ops/dead/graveyard\"", await (await host.GetAsync("/ops/queues/ann-orders")).Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Operations_are_listed_with_how_far_they_are()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 3);
        var operations = host.Services.GetRequiredService<IRedisOperations>();
        var operation = await operations.StartReplayAsync(new RedisReplay("orders_error", RedisSelection.All), new RedisActor("ann",
            "<b>why</b>"));
        foreach (var path in new[] { "/ops/operations", $"/ops/operations/{Uri.EscapeDataString(operation.Id)}" })
        {
            var page = await (await host.GetAsync(path)).Content.ReadAsStringAsync();
            Assert.Contains(operation.Id, page, StringComparison.Ordinal);
            Assert.Contains("&lt;b&gt;why&lt;/b&gt;", page, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task Receivers_are_shown_as_they_say_of_themselves()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Bus = (_, cfg) =>
            cfg.ReceiveEndpoint("orders", e => e.Handler<Ping>(_ => Task.CompletedTask)));
        var queues = host.Services.GetRequiredService<IRedisQueues>();
        await Eventually.TrueAsync(async () => (await queues.ListReceiversAsync("orders")).Count == 1);
        var receiver = Assert.Single(await queues.ListReceiversAsync("orders"));
        await using var visit = await host.VisitAsync();
        foreach (var path in new[] { "/ops/workers", "/ops/queues/orders" })
        {
            await visit.GoAsync(path);
            Assert.Contains(receiver.DisplayName, await visit.TextAsync(), StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task Each_act_and_each_look_at_a_body_is_in_the_audit()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Environment = "Production";
            x.Services = TestSignIn.Add;
            x.Dashboard = TestSignIn.UsePolicies;
        });
        await host.Seeds.DeadAsync("orders", 2);
        await host.Seeds.MessagesAsync("orders", 3);
        var keys = (await host.Letters.ListAsync("orders_error")).Entries.Select(x => x.Key).ToArray();
        host.Http.DefaultRequestHeaders.Add("X-Test-User", TestSignIn.Of("ann", TestSignIn.Rights));
        using var look = await host.GetAsync($"/ops/dead/orders_error/messages/{keys[0]}");
        using var body = await host.GetAsync($"/ops/dead/orders_error/messages/{keys[0]}/body");
        using var replay = await host.PostAsync("/ops/dead/orders_error/replay", ("what", "selected"), ("key", keys[0]));
        using var purge = await host.PostAsync("/ops/queues/orders/purge", ("name", "orders"));
        using var pause = await host.PostAsync("/ops/queues/orders/pause", ("reason", "the bank is down"));
        host.Http.DefaultRequestHeaders.Remove("X-Test-User");
        host.Http.DefaultRequestHeaders.Add("X-Test-User", TestSignIn.Of("bob", "View"));
        foreach (var act in new[] { "queues/orders/purge", "queues/orders/pause", "queues/orders/delete", "dead/orders_error/replay" })
            using (await host.PostAsync($"/ops/{act}", ("name", "orders"))) { }
        using (await host.PostAsync("/ops/purges/orders_error~0123456789ab/cancel")) { }

        var entries = (await host.Services.GetRequiredService<IRedisAudit>().ListAsync()).Entries;
        Assert.Equal(
            [
                "bob cancel orders_error  Denied", "bob replay orders_error  Denied", "bob delete orders  Denied",
                "bob pause orders  Denied", "bob purge orders  Denied",
                "ann pause orders  Done", "ann purge orders 4 Done", "ann replay orders_error 1 Done",
                "ann view-payload orders_error 1 Done", "ann view-payload orders_error 1 Done",
            ],
            entries.Select(x => $"{x.User} {x.Action} {x.Queue} {x.Count} {x.Outcome}"));
        Assert.All(entries, x => Assert.True(x.IsProven));

        host.Http.DefaultRequestHeaders.Remove("X-Test-User");
        host.Http.DefaultRequestHeaders.Add("X-Test-User", TestSignIn.Of("ann", TestSignIn.Rights));
        var page = await (await host.GetAsync("/ops/audit?queue=orders_error")).Content.ReadAsStringAsync();
        Assert.Contains("view-payload", page, StringComparison.Ordinal);
        Assert.DoesNotContain("the bank is down", page, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_process_without_a_bus_shows_the_queues_of_another()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 2);
        await using var board = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Prefix = host.Prefix;
            x.WithoutBus = true;
        });
        Assert.Contains("orders", await (await board.GetAsync("/ops/queues")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var answer = await board.PostAsync("/ops/dead/orders_error/replay", ("what", "matching"));
        Assert.Equal(System.Net.HttpStatusCode.SeeOther, answer.StatusCode);
        await host.WaitForAsync("orders", 0, 2);
    }
}
