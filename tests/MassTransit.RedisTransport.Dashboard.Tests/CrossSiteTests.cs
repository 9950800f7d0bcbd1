using System.Net;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Cookie = Microsoft.Playwright.Cookie;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>What another site's page can do in the browser of somebody who is signed in: nothing.</summary>
public sealed class CrossSiteTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly (string, string)[] All = [("what", "matching")];

    [SkippableTheory]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Sec-Fetch-Site", "none", false)]
    [InlineData("Sec-Fetch-Site", "", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Origin", "http://evil.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Origin", "https://ops.example", true)]
    [InlineData("Cookie", "session=1", false)]
    [InlineData("Authorization", "Bearer x", true)]
    [InlineData("X-Other", "nothing of all that", false)]
    public async Task An_act_needs_to_come_from_the_dashboard_itself(string header, string value, bool isAllowed)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Dashboard = o =>
        {
            o.UnsafelyOpenToEveryone();
            o.PublicOrigin = "https://ops.example";
        });
        await host.Seeds.DeadAsync("orders", 1);
        using var answer = await host.SendAsync("/ops/dead/orders_error/replay", x => x.Headers.TryAddWithoutValidation(header, value),
            All);
        Assert.Equal(isAllowed ? HttpStatusCode.SeeOther : HttpStatusCode.Forbidden, answer.StatusCode);
        if (isAllowed)
            await host.WaitForAsync("orders", 0, 1);
        Assert.Equal(isAllowed ? 0 : 1, await host.Seeds.CountAsync("orders_error"));
    }

    [SkippableFact]
    public async Task The_site_that_a_browser_names_counts_more_than_an_origin_beside_it()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 1);
        using var answer = await host.SendAsync("/ops/dead/orders_error/replay", x =>
        {
            x.Headers.Add("Sec-Fetch-Site", "cross-site");
            x.Headers.Add("Origin", host.Origin);
        }, All);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [SkippableFact]
    public async Task A_browser_that_does_not_say_where_it_comes_from_can_act_by_its_origin()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        await host.Seeds.DeadAsync("orders", 1);
        // Not HTTPS and not localhost: the browser sends no Sec-Fetch headers.
        await using var visit = await Visit.BeginAsync($"http://ops.test:{host.Port}");
        IRequest? post = null;
        visit.Page.Request += (_, request) => post = request.Method == "POST" ? request : post;
        await visit.GoAsync("/ops/dead/orders_error/messages");
        await visit.Button("Replay all…").ClickAsync();
        await visit.Button("Replay").ClickAsync();
        await visit.AssertStartedAsync();
        Assert.DoesNotContain("sec-fetch-site", (await post!.AllHeadersAsync()).Keys);
    }

    [SkippableFact]
    public async Task A_page_of_one_replica_can_be_sent_to_another()
    {
        var prefix = TestNames.Unique("replicas");
        await using var one = await DashboardHost.StartAsync(redis.Server, x => x.Prefix = prefix);
        await using var other = await DashboardHost.StartAsync(redis.Server, x => x.Prefix = prefix);
        await one.Seeds.DeadAsync("orders", 1);
        Assert.Contains("Replay", await (await one.GetAsync("/ops/dead/orders_error/replay?what=matching")).Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        using var answer = await other.PostAsync("/ops/dead/orders_error/replay", All);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        await one.WaitForAsync("orders", 0, 1);
    }

    [SkippableFact]
    public async Task Another_sites_page_changes_nothing_and_reads_nothing()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Services = TestSignIn.Add;
            x.Dashboard = TestSignIn.UsePolicies;
        });
        await host.Seeds.DeadAsync("orders", 2);
        await using var evil = await EvilAsync();
        await using var visit = await Visit.BeginAsync($"http://ops.test:{host.Port}");
        var context = visit.Page.Context;
        await context.AddCookiesAsync(
        [
            new Cookie { Name = "test-user", Value = TestSignIn.Of("ann", TestSignIn.Rights), Domain = "ops.test", Path = "/" },
        ]);
        await visit.GoAsync("/ops/queues");
        Assert.Contains("orders", await visit.TextAsync(), StringComparison.Ordinal);

        // A window of its own: there its requests to another host are what is looked at.
        var page = await context.NewPageAsync();
        var target = $"http://ops.test:{host.Port}/ops";
        await page.GotoAsync($"http://evil.test:{evil.Port}/?target={Uri.EscapeDataString(target)}");
        var seen = await page.EvaluateAsync<string>("() => window.attack()");
        Assert.Equal("fetch: no, no-cors: opaque, image: no, script: no, frame: no, events: no", seen);

        // Last of all, since it leaves the page. The answer is what counts, not whether the browser has loaded what it asks for.
        var answered = page.WaitForURLAsync($"{target}/dead/orders_error/replay", new() { WaitUntil = WaitUntilState.Commit });
        await page.EvaluateAsync("() => document.getElementById('form').submit()");
        await answered;
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Not allowed");
        Assert.Equal(2, await host.Seeds.CountAsync("orders_error"));
    }

    static async Task<EvilSite> EvilAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/", (string target) => Results.Content(Page.Replace("TARGET", target, StringComparison.Ordinal), "text/html"));
        await app.StartAsync();
        return new EvilSite(app);
    }

    const string Page = """
        <!doctype html><title>evil</title>
        <form id="form" method="post" action="TARGET/dead/orders_error/replay"><input name="what" value="matching"></form>
        <script>
        const within = (start) => new Promise(done => { setTimeout(() => done('no'), 4000); start(done); });
        window.attack = async () => {
          const read = await fetch('TARGET/queues', { credentials: 'include' }).then(x => x.text()).catch(() => 'no');
          const post = await fetch('TARGET/dead/orders_error/replay',
            { method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams({ what: 'matching' }) })
            .then(x => x.type).catch(() => 'no');
          const element = (name, source) => within(done => {
            const it = document.createElement(name);
            it.onload = () => done('loaded');
            it.onerror = () => done('no');
            it.src = source;
            document.body.append(it);
          });
          const image = await element('img', 'TARGET/dead');
          const script = await element('script', 'TARGET/queues');
          const frame = await within(done => {
            const it = document.createElement('iframe');
            it.onload = () => { try { done(it.contentDocument.body.innerText.length > 0 ? 'read' : 'no'); } catch { done('no'); } };
            it.src = 'TARGET/queues';
            document.body.append(it);
          });
          const events = await within(done => {
            const it = new EventSource('TARGET/events?q=orders', { withCredentials: true });
            it.onopen = () => done('open');
            it.onmessage = () => done('read');
            it.onerror = () => done('no');
          });
          const blind = post === 'opaque' || post === 'no' ? 'opaque' : post;
          return `fetch: ${read}, no-cors: ${blind}, image: ${image}, script: ${script}, frame: ${frame}, events: ${events}`;
        };
        </script>
        """;

    sealed class EvilSite(WebApplication app) : IAsyncDisposable
    {
        public int Port => new Uri(app.Urls.First()).Port;

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}
