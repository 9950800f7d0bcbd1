using System.Net;
using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>Who is let in, and who is not, whatever a host does around the dashboard.</summary>
public sealed class AccessTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly string[] ProxyHeaders =
        ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Real-IP", "X-Original-For",
            "X-Original-Host", "Via"];

    [SkippableFact]
    public async Task Without_policies_nobody_is_let_in_outside_of_development()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Environment = "Production";
            x.Dashboard = _ => { };
        });
        await AssertAllAsync(host, HttpStatusCode.Forbidden);
        Assert.Single(host.Log.Entries, x => x.Level == LogLevel.Warning && x.Text.Contains("RedisDashboardOptions",
            StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Without_policies_a_developers_own_browser_is_let_in()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Dashboard = _ => { });
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/ops")).StatusCode);

        foreach (var header in ProxyHeaders)
        {
            foreach (var value in new[] { "", "127.0.0.1" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/ops");
                Assert.True(request.Headers.TryAddWithoutValidation(header, value));
                Assert.Equal((header, HttpStatusCode.Forbidden), (header, (await host.Http.SendAsync(request)).StatusCode));
            }
        }

        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/ops");
        rebound.Headers.Host = "evil.example";
        Assert.Equal(HttpStatusCode.Forbidden, (await host.Http.SendAsync(rebound)).StatusCode);
    }

    [SkippableFact]
    public async Task Without_policies_another_address_is_not_let_in_to_a_developers_machine()
    {
        var address = (await Dns.GetHostAddressesAsync(Dns.GetHostName()))
            .FirstOrDefault(x => x.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && !IPAddress.IsLoopback(x));
        Skip.If(address is null, "This machine has no address but loopback.");
        await using var host = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Dashboard = _ => { };
            x.Urls = $"http://{address}:0";
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ops");
        request.Headers.Host = "localhost";
        Assert.Equal(HttpStatusCode.Forbidden, (await host.Http.SendAsync(request)).StatusCode);
    }

    [SkippableFact]
    public async Task Each_endpoint_asks_for_the_right_that_it_declares_and_for_no_other()
    {
        await using var host = await SignedInAsync();
        await host.Seeds.DeadAsync("orders", 1);
        foreach (var endpoint in host.Endpoints)
        {
            string[] declared = [.. RightsOf(endpoint).Select(x => x.ToString())];
            foreach (var method in Methods(endpoint))
            {
                foreach (var given in TestSignIn.Rights.Select(x => new[] { x }).Append([]).Append(declared))
                {
                    using var request = Request(method, Path(endpoint), TestSignIn.Of("ann", given));
                    using var answer = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                    Assert.True(declared.All(given.Contains) == (answer.StatusCode != HttpStatusCode.Forbidden),
                        $"{method} {Path(endpoint)} with '{string.Join(' ', given)}' instead of '{string.Join(' ', declared)}': "
                        + $"{(int)answer.StatusCode}");
                }
            }
        }
    }

    [SkippableFact]
    public async Task Who_has_not_signed_in_is_asked_to_in_the_way_of_the_host()
    {
        await using var host = await SignedInAsync();
        await AssertAllAsync(host, HttpStatusCode.Unauthorized);
    }

    [SkippableFact]
    public async Task A_right_without_a_policy_is_denied()
    {
        await using var host = await SignedInAsync(x => x.View = "may-View");
        await host.Seeds.DeadAsync("orders", 1);
        foreach (var endpoint in host.Endpoints)
        {
            var isView = RightsOf(endpoint) is [Right.View];
            using var request = Request(Methods(endpoint)[0], Path(endpoint), TestSignIn.Of("ann", TestSignIn.Rights));
            using var answer = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(!isView, answer.StatusCode == HttpStatusCode.Forbidden);
        }
    }

    [SkippableFact]
    public async Task Read_only_refuses_every_act_and_no_look()
    {
        await using var host = await SignedInAsync(x =>
        {
            TestSignIn.UsePolicies(x);
            x.ReadOnly = true;
        });
        await host.Seeds.DeadAsync("orders", 1);
        foreach (var endpoint in host.Endpoints)
        {
            foreach (var method in Methods(endpoint))
            {
                using var request = Request(method, Path(endpoint), TestSignIn.Of("ann", TestSignIn.Rights));
                using var answer = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                var isAct = method != "GET" || RightsOf(endpoint).Any(x => x is not (Right.View or Right.ViewPayload));
                Assert.True(isAct == (answer.StatusCode == HttpStatusCode.Forbidden),
                    $"{method} {Path(endpoint)}: {(int)answer.StatusCode}");
            }
        }

        Assert.Equal(1, await host.Seeds.CountAsync("orders_error"));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_host_that_lets_everybody_in_does_not_open_the_dashboard(bool withPolicies)
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Environment = "Production";
            x.Services = services =>
            {
                TestSignIn.Add(services);
                services.AddAuthorizationBuilder().SetFallbackPolicy(new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder()
                    .RequireAssertion(_ => true).Build());
            };
            x.Dashboard = withPolicies ? TestSignIn.UsePolicies : _ => { };
            x.Map = (app, dashboard) => app.MapGroup("/x").AllowAnonymous().MapRedisDashboard("/ops", dashboard).AllowAnonymous();
        });
        await AssertAllAsync(host, withPolicies ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden, "/x");
    }

    [SkippableFact]
    public async Task Every_endpoint_declares_a_right()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server);
        Assert.True(host.Endpoints.Count > 15);
        Assert.All(host.Endpoints, x => Assert.NotNull(x.Metadata.GetMetadata<RequiredRight>()));
    }

    [SkippableFact]
    public async Task What_cannot_work_is_said_at_the_start()
    {
        await AssertFailsAsync(x => x.View = "not-there", "not-there");
        await AssertFailsAsync(x => x.TraceUrl = "javascript:alert('{traceId}')", "TraceUrl");
        await AssertFailsAsync(x => x.TraceUrl = "https://{traceId}.example/", "TraceUrl");
        await AssertFailsAsync(x => x.TraceUrl = "https://jaeger.example/", "TraceUrl");
        await AssertFailsAsync(x => x.GrafanaUrl = "file:///etc/passwd", "GrafanaUrl");
        await AssertFailsAsync(x => x.PublicPath = "//evil.example", "PublicPath");
        await AssertFailsAsync(x => x.PublicOrigin = "https://ops.example/path", "PublicOrigin");
        await AssertFailsAsync(x =>
        {
            x.View = "may-View";
            x.UnsafelyOpenToEveryone();
        }, "open to everyone");

        async Task AssertFailsAsync(Action<RedisDashboardOptions> configure, string word)
        {
            var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => SignedInAsync(configure));
            Assert.Contains(word, exception.Message, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task A_user_sees_and_touches_only_the_queues_that_are_theirs()
    {
        await using var host = await SignedInAsync(x =>
        {
            TestSignIn.UsePolicies(x);
            x.Visible = (user, queue) => user.Identity!.Name == "root" || queue.StartsWith(user.Identity!.Name!, StringComparison.Ordinal);
        });
        await host.Seeds.DeadAsync("ann-orders", 3);
        await host.Seeds.DeadAsync("bob-orders", 3);
        var key = (await host.Letters.ListAsync("bob-orders_error")).Entries[0].Key;

        async Task<(HttpStatusCode, string)> AsAnnAsync(string method, string path, params (string, string)[] fields)
        {
            using var request = Request(method, path, TestSignIn.Of("ann", TestSignIn.Rights));
            if (method == "POST")
                request.Content = new FormUrlEncodedContent(fields.Select(x => KeyValuePair.Create(x.Item1, x.Item2)));
            using var answer = await host.Http.SendAsync(request);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }

        foreach (var path in new[] { "/ops/queues", "/ops/dead" })
        {
            var (_, text) = await AsAnnAsync("GET", path);
            Assert.Contains("ann-orders", text, StringComparison.Ordinal);
            Assert.DoesNotContain("bob-orders", text, StringComparison.Ordinal);
        }

        string[] looks =
        [
            "/ops/queues/bob-orders", "/ops/queues/bob-orders/messages", "/ops/queues/bob-orders/purge",
                "/ops/dead/bob-orders_error/messages",
            $"/ops/dead/bob-orders_error/messages/{key}", $"/ops/dead/bob-orders_error/messages/{key}/body",
            "/ops/dead/bob-orders_error/purge?what=matching",
        ];
        foreach (var path in looks)
            Assert.Equal((path, HttpStatusCode.NotFound), (path, (await AsAnnAsync("GET", path)).Item1));

        (string, string)[] all = [("what", "matching"), ("name", "bob-orders_error")];
        (string, string)[] one = [("what", "selected"), ("key", key)];
        foreach (var fields in new[] { all, one })
        {
            foreach (var act in new[] { "replay", "purge" })
                Assert.Equal(HttpStatusCode.NotFound, (await AsAnnAsync("POST", $"/ops/dead/bob-orders_error/{act}", fields)).Item1);
        }

        foreach (var act in new[] { "purge", "delete" })
            Assert.Equal(HttpStatusCode.NotFound, (await AsAnnAsync("POST", $"/ops/queues/bob-orders/{act}", ("name",
                "bob-orders"))).Item1);
        Assert.Equal(3, await host.Seeds.CountAsync("bob-orders_error"));
    }

    [SkippableFact]
    public async Task An_error_queue_of_several_queues_shows_and_loses_nothing_to_who_does_not_see_all_of_them()
    {
        const string Shared = "ann-graveyard";
        await using var host = await SharedErrors.StartAsync(redis.Server, Shared, sends: 1);
        foreach (var (method, path) in new[]
        {
            ("GET", ""), ("GET", "/messages"), ("GET", "/purge"), ("GET", "/delete"), ("POST", "/purge"), ("POST", "/delete"),
        })
        {
            using var request = Request(method, $"/ops/queues/{Shared}{path}", TestSignIn.Of("ann", TestSignIn.Rights));
            if (method == "POST")
                request.Content = new FormUrlEncodedContent([KeyValuePair.Create("name", Shared)]);
            using var answer = await host.Http.SendAsync(request);
            Assert.Equal((method, path, HttpStatusCode.NotFound), (method, path, answer.StatusCode));
        }

        Assert.Equal(2, await host.Seeds.CountAsync(Shared));
        using var own = Request("GET", "/ops/queues/ann-orders/messages", TestSignIn.Of("ann", TestSignIn.Rights));
        Assert.Equal(HttpStatusCode.OK, (await host.Http.SendAsync(own)).StatusCode);
        using var letters = Request("GET", $"/ops/dead/{Shared}/messages", TestSignIn.Of("ann", TestSignIn.Rights));
        Assert.DoesNotContain("bob-orders", await (await host.Http.SendAsync(letters)).Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    Task<DashboardHost> SignedInAsync(Action<RedisDashboardOptions>? configure = null) =>
        DashboardHost.StartAsync(redis.Server, x =>
        {
            x.Environment = "Production";
            x.Services = TestSignIn.Add;
            x.Dashboard = configure ?? TestSignIn.UsePolicies;
        });

    static async Task AssertAllAsync(DashboardHost host, HttpStatusCode expected, string before = "")
    {
        foreach (var endpoint in host.Endpoints)
        {
            foreach (var method in Methods(endpoint))
            {
                using var request = Request(method, Path(endpoint), null);
                using var answer = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                Assert.Equal((Path(endpoint), expected), (Path(endpoint), answer.StatusCode));
            }
        }

        Assert.NotEmpty(host.Endpoints);
        Assert.All(host.Endpoints, x => Assert.StartsWith(before + "/ops", Path(x), StringComparison.Ordinal));
    }

    static HttpRequestMessage Request(string method, string path, string? user)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        if (user is not null)
            request.Headers.Add("X-Test-User", user);
        if (method == "POST")
            request.Content = new FormUrlEncodedContent([]);
        return request;
    }

    static IReadOnlyList<string> Methods(RouteEndpoint endpoint) =>
        [.. endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Where(x => x != "HEAD") ?? ["GET"]];

    static Right[] RightsOf(RouteEndpoint endpoint) => [.. endpoint.Metadata.GetOrderedMetadata<RequiredRight>().Select(x => x.Right)];

    static string Path(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
        .Replace("{queue}", "orders", StringComparison.Ordinal).Replace("{key}", new string('0', 22), StringComparison.Ordinal)
        .Replace("{hash}", "0", StringComparison.Ordinal).Replace("{name}", "dashboard.css", StringComparison.Ordinal)
        .Replace("{group}", "0123456789abcd", StringComparison.Ordinal)
        .Replace("{**rest}", "nothing", StringComparison.Ordinal).Replace("{id}", "0", StringComparison.Ordinal);
}
