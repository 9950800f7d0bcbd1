using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Compose.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace MassTransit.Webhooks.Compose.Tests.Metrics;

/// <summary>Redis by the compose file's configuration, and an application on it.</summary>
public sealed class ApplicationFixture : IAsyncLifetime
{
    ScrapedHost? _host;

    internal ComposedRedis Redis { get; } = new("redis");

    internal ScrapedHost Host => _host ?? throw new InvalidOperationException("not started");

    internal Instruments Instruments { get; } = new();

    public async Task InitializeAsync()
    {
        await Redis.StartAsync();
        if (!Redis.IsAvailable)
            return;
        _host = await ScrapedHost.StartAsync(Redis);
        await _host.WorkAsync("first");
        Instruments.Touch();
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        await Redis.DisposeAsync();
        Instruments.Dispose();
    }
}

/// <summary>Rules and dashboard ask for metrics by name: for those that are really exported.</summary>
public sealed class MetricNameTests(ApplicationFixture application) : IClassFixture<ApplicationFixture>
{
    [SkippableFact]
    public async Task Every_metric_of_the_rules_and_of_the_dashboard_is_in_a_real_scrape()
    {
        application.Redis.SkipIfUnavailable();
        var asked = Expressions().SelectMany(x => Regex.Matches(x, @"\bmasstransit_\w+").Select(m => m.Value)).ToHashSet();
        Assert.True(asked.Count > 15);

        var missing = asked.ToArray();
        string[] exported = [];
        await Eventually.TrueAsync(async () =>
        {
            exported = [.. Regex.Matches(await application.Host.ScrapeAsync(), @"^(\w+)[{ ]", RegexOptions.Multiline)
                .Select(x => x.Groups[1].Value).Distinct()];
            missing = [.. asked.Except(exported)];
            return missing.Length == 0;
        }, message: "all are exported");
    }

    [SkippableFact]
    public async Task Every_instrument_is_exported_and_told_of_in_the_documentation()
    {
        application.Redis.SkipIfUnavailable();
        var page = await File.ReadAllTextAsync(Path.Combine(ComposeFiles.Root, "docs", "operations.md"));
        var instruments = application.Instruments.Names;
        Assert.True(instruments.Count >= 20);
        Assert.All(instruments, x => Assert.Contains($"`{x}`", page, StringComparison.Ordinal));

        await Eventually.TrueAsync(async () =>
        {
            var scrape = await application.Host.ScrapeAsync();
            return instruments.All(x => scrape.Contains($"# TYPE {x.Replace('.', '_')}", StringComparison.Ordinal));
        }, message: "all are exported");
    }

    [SkippableFact]
    public async Task Buckets_are_those_of_the_instruments()
    {
        application.Redis.SkipIfUnavailable();
        await Eventually.TrueAsync(async () =>
        {
            var scrape = await application.Host.ScrapeAsync();
            return Regex.IsMatch(scrape, "masstransit_webhooks_latency_seconds_bucket{[^}]*le=\"0.0075\"")
                && Regex.IsMatch(scrape, "masstransit_redis_group_size_bucket{[^}]*le=\"300\"");
        }, message: "the advised buckets");
    }

    [SkippableFact]
    public async Task Probes_are_answered()
    {
        application.Redis.SkipIfUnavailable();
        Assert.Equal(HttpStatusCode.OK, (await application.Host.Client.GetAsync(new Uri("/health/live", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await application.Host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode);
    }

    [SkippableFact]
    public async Task Prometheus_fetches_them_by_its_configuration_and_answers_every_rule_and_panel()
    {
        application.Redis.SkipIfUnavailable();
        await using var prometheus = new PrometheusServer(application.Host.Address);
        await prometheus.StartAsync();
        prometheus.SkipIfUnavailable();

        await Eventually.EqualAsync(2, async () => (await prometheus.QueryAsync("up == 1")).Count, message: "both jobs are fetched");
        await Eventually.TrueAsync(async () => (await prometheus.QueryAsync(
            $"masstransit_redis_queue_dead_letters{{queue=\"{ScrapedHost.Queue}\", kind=\"error\"}} == 4")).Count == 2,
            message: "four dead letters, seen by each job");
        var rules = Rules().Select(x => x["alert"].ToString()).ToArray();
        await Eventually.TrueAsync(async () => (await prometheus.RulesAsync()).All(x => x.Health == "ok"),
            message: "every rule is evaluated without an error");
        Assert.Equal(rules.Order(), (await prometheus.RulesAsync()).Select(x => x.Name).Order());
        Assert.DoesNotContain(await prometheus.RulesAsync(),
            x => x.Name is "WebhookProcessDown" or "WebhookWorkersAbsent" or "WebhookRedisUnsafe" && x.State == "firing");

        // By the labels that rules and panels choose by.
        foreach (var series in new[]
        {
            "masstransit_webhooks_requests_total{receiver=\"demo\", status=\"202\", reason=\"accepted\"}",
            "masstransit_webhooks_latency_seconds_bucket{processor=\"OrderHooks\", receiver=\"demo\", le=\"0.01\"}",
            "masstransit_webhooks_tenant_results_total{processor=\"OrderHooks\", tenant=\"acme\", status=\"failed\"}",
            "masstransit_webhooks_workers_limit{processor=\"OrderHooks\"}",
            "masstransit_redis_queue_depth{queue=\"order-hooks\", state=\"ready\"}",
            "masstransit_redis_group_size_count{queue=\"order-hooks\", operation=\"settle\"}",
            "masstransit_redis_script_duration_seconds_count{script=\"send\", outcome=\"ok\"}",
            "masstransit_health_status{check=\"redis-server\", job=\"webhooks-worker\"} == 2",
        })
            await Eventually.TrueAsync(async () => (await prometheus.QueryAsync(series)).Count > 0, message: series);

        // Rates need two fetches with something between them.
        var last = 0;
        foreach (var expression in Panels().Select(x => x.Replace("$__rate_interval", "1m", StringComparison.Ordinal)))
        {
            await Eventually.TrueAsync(async () =>
            {
                await application.Host.WorkAsync($"more-{++last}");
                return (await prometheus.QueryAsync(expression)).Count > 0;
            }, message: expression);
        }
    }

    [SkippableFact]
    public void Promtool_accepts_configuration_and_rules_and_each_alert_fires_when_it_should()
    {
        Skip.If(PrometheusServer.Promtool is null, "no promtool on the PATH");
        Promtool("check", "config", ComposeFiles.Path("prometheus", "prometheus.yml"));
        Promtool("check", "rules", ComposeFiles.Path("prometheus", "rules", "webhooks.yml"));
        Promtool("test", "rules", ComposeFiles.Path("prometheus", "tests", "webhooks.test.yml"));

        var tested = ComposeFiles.Read("prometheus", "tests", "webhooks.test.yml");
        foreach (var alert in Rules().Select(x => x["alert"].ToString()))
        {
            Assert.Contains($"- alertname: {alert}\n", tested, StringComparison.Ordinal);
            Assert.Contains($"- {{ alertname: {alert}, ", tested, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_alert_says_what_to_do_and_carries_a_severity()
    {
        Assert.All(Rules(), rule =>
        {
            Assert.Contains(rule["labels"]["severity"].ToString(), (string[])["warning", "critical"]);
            Assert.NotEmpty(rule["annotations"]["summary"].ToString());
            Assert.NotEmpty(rule["annotations"]["action"].ToString());
        });
    }

    static void Promtool(params string[] arguments) =>
        Assert.True(RedisTransport.Testing.Processes.Executable.Run(PrometheusServer.Promtool!, TimeSpan.FromSeconds(30),
            arguments) is not null, string.Join(' ', arguments));

    static IEnumerable<string> Expressions() => Rules().Select(x => x["expr"].ToString()).Concat(Panels());

    static IEnumerable<YamlMappingNode> Rules() => ComposeFiles.Documents(ComposeFiles.Read("prometheus", "rules", "webhooks.yml"))
        .SelectMany(x => (YamlSequenceNode)x["groups"]).SelectMany(x => (YamlSequenceNode)x["rules"]).Cast<YamlMappingNode>();

    static string[] Panels()
    {
        using var dashboard = JsonDocument.Parse(ComposeFiles.Read("grafana", "dashboards", "webhooks.json"));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(x => x.GetProperty("targets").EnumerateArray())
            .Select(x => x.GetProperty("expr").GetString()!)];
    }
}
