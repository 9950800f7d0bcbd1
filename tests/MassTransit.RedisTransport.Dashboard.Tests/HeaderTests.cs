using System.Net;
using MassTransit.RedisTransport.Dashboard.Assets;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>What every answer tells the browser, and where the pages are, whatever stands in front of the dashboard.</summary>
public sealed class HeaderTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [SkippableFact]
    public async Task Every_answer_has_the_headers()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Dashboard = o =>
        {
            o.UnsafelyOpenToEveryone();
            o.RedactBody = (body, _) => body.Length > 100 ? throw new InvalidDataException("a defect of the application") : body;
        });
        await host.Seeds.DeadAsync("orders", 2, n => new DeadSeed { Body = new byte[n == 0 ? 10 : 200] });
        var letters = (await host.Letters.ListAsync("orders_error")).Entries;
        var (good, bad) = (letters.Single(x => x.Body.Length == 10).Key, letters.Single(x => x.Body.Length == 200).Key);

        (string Path, HttpStatusCode Status)[] answers =
        [
            ("/ops", HttpStatusCode.OK), ("/ops/queues/orders", HttpStatusCode.OK), ("/ops/nothing/here", HttpStatusCode.NotFound),
            ("/ops/queues/unknown", HttpStatusCode.NotFound), ("/ops/queues?page=x", HttpStatusCode.BadRequest),
            ($"/ops/dead/orders_error/messages/{good}/body", HttpStatusCode.OK),
            ($"/ops/dead/orders_error/messages/{bad}/body", HttpStatusCode.InternalServerError),
            ($"/ops/dead/orders_error/messages/{good}/edit", HttpStatusCode.Conflict), ("/ops/trash/orders_error", HttpStatusCode.OK),
            ("/ops/dead/orders_error/export?message=none", HttpStatusCode.OK), ("/ops/operations/x", HttpStatusCode.NotFound),
            ($"/ops/assets/{AssetFile.Style.Hash}/dashboard.css", HttpStatusCode.OK), ("/ops/events?q=orders", HttpStatusCode.OK),
        ];
        foreach (var (path, status) in answers)
        {
            using var answer = await host.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal((path, status), (path, answer.StatusCode));
            AssertHeaders(answer, status == HttpStatusCode.OK
                && (path.Contains("/body", StringComparison.Ordinal) || path.Contains("/export", StringComparison.Ordinal)));
        }

        using var forbidden = await host.SendAsync("/ops/dead/orders_error/replay", _ => { }, ("what", "matching"));
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        AssertHeaders(forbidden);
        using var moved = await host.PostAsync("/ops/dead/orders_error/replay", ("what", "matching"));
        Assert.Equal(HttpStatusCode.SeeOther, moved.StatusCode);
        AssertHeaders(moved);
    }

    [SkippableFact]
    public async Task Assets_are_kept_by_the_browser_until_they_change()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        foreach (var file in AssetFile.All)
        {
            using var answer = await host.GetAsync($"/ops/assets/{file.Hash}/{file.Name}");
            Assert.Equal("max-age=31536000, private, immutable", string.Join(", ", answer.Headers.CacheControl!.ToString()));
            using var old = await host.GetAsync($"/ops/assets/0000/{file.Name}");
            Assert.True(old.Headers.CacheControl!.NoStore);
        }
    }

    [SkippableTheory]
    [InlineData("/", null)]
    [InlineData("/a/b", null)]
    [InlineData("/a/b", "/public/ops")]
    public async Task Pages_work_at_a_path_base_and_behind_a_proxy_that_changes_paths(string pathBase, string? publicPath)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Dashboard = o =>
            {
                o.UnsafelyOpenToEveryone();
                o.PublicPath = publicPath;
            };
            x.App = app =>
            {
                // The proxy: what the browser calls /public/ops is /a/b/ops here.
                app.Use((context, next) =>
                {
                    if (publicPath is not null && context.Request.Path.StartsWithSegments(publicPath, out var rest))
                        context.Request.Path = $"{pathBase}/ops{rest}";
                    return next();
                });
                app.UsePathBase(pathBase);
                app.UseRouting();
            };
        });
        await host.Seeds.DeadAsync("orders", 1);
        await using var visit = await host.VisitAsync();
        var root = publicPath ?? (pathBase == "/" ? "" : pathBase) + "/ops";
        await visit.GoAsync(root);
        await visit.Link("Dead letters").ClickAsync();
        await visit.Link("orders_error").ClickAsync();
        await visit.Link("All of them").ClickAsync();
        await visit.Button("Replay all…").ClickAsync();
        await visit.Button("Replay").ClickAsync();
        await visit.AssertStartedAsync();
        Assert.StartsWith($"{host.Origin}{root}/operations/orders_error~", visit.Page.Url, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_work_beside_a_hosts_own_pages_and_antiforgery(bool useAntiforgery)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Services = services => services.AddRazorComponents();
            x.Map = (app, dashboard) =>
            {
                if (useAntiforgery)
                    app.UseAntiforgery();
                app.MapRazorComponents<EmptyApp>();
                app.MapRedisDashboard("/ops", dashboard);
                app.MapRedisDashboard("/second/{tenant}/ops", dashboard);
            };
        });
        foreach (var root in new[] { "/ops", "/second/acme%20inc/ops" })
        {
            await host.Seeds.DeadAsync("orders", 1);
            await using var visit = await host.VisitAsync();
            await visit.GoAsync(root);
            await visit.Link("Dead letters").ClickAsync();
            await visit.Link("orders_error").ClickAsync();
            await visit.Link("All of them").ClickAsync();
            await visit.Button("Replay all…").ClickAsync();
            await visit.Button("Replay").ClickAsync();
            await visit.AssertStartedAsync();
            Assert.StartsWith($"{host.Origin}{root}/", visit.Page.Url, StringComparison.Ordinal);
            await Eventually.EqualAsync(0, () => host.Seeds.CountAsync("orders_error"));
        }
    }

    static void AssertHeaders(HttpResponseMessage answer, bool isDownload = false)
    {
        string Header(string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join('|', values) : "";
        Assert.Equal(isDownload
            ? "default-src 'none'; sandbox"
            : "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
                + "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
            Header("Content-Security-Policy"));
        Assert.Equal(("nosniff", "same-origin", "same-origin", "same-origin", "DENY"), (Header("X-Content-Type-Options"),
            Header("Referrer-Policy"), Header("Cross-Origin-Opener-Policy"), Header("Cross-Origin-Resource-Policy"),
            Header("X-Frame-Options")));
        Assert.NotEqual("", Header("Cache-Control"));
        Assert.Equal("", Header("Set-Cookie"));
        Assert.False(answer.Headers.Location?.IsAbsoluteUri == true);
    }
}

/// <summary>A host's own root component.</summary>
public sealed class EmptyApp : Microsoft.AspNetCore.Components.ComponentBase;
