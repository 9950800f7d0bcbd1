using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>
/// Webhooks of 500 bytes over HTTP, as GitHub signs them: signature, dedupe in Redis, confirmed publish, with a processor behind.
/// Loaded by wrk, beside an endpoint that does nothing, and one that publishes by plain MassTransit unchecked.
/// </summary>
internal sealed partial class Ingress : IScenario
{
    const string Secret = "the-secret-of-the-benchmark";

    /// <summary>More than are sent until the first are forgotten.</summary>
    const int Bodies = 200_000;

    static readonly string Before = $$"""{"ref":"refs/heads/main","padding":"{{new string('x', 450)}}","number":""";
    const string After = "}";

    const string Setting = "wrk, 2 threads, 64 connections, 15 s";

    public string Name => "ingress";

    public string Description =>
        "requests by wrk: nothing at all, plain publish, and the ingress with signature, dedupe and confirmed publish, on Redis";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        await using var app = await StartAsync(servers);
        var script = Path.Combine(Path.GetTempPath(), $"ingress-{Guid.NewGuid():N}.lua");
        var signatures = Path.ChangeExtension(script, "txt");
        await File.WriteAllTextAsync(script, Script(signatures));
        try
        {
            var measurements = new List<Measurement>();
            foreach (var (subject, path) in ((string, string)[])[("empty endpoint", "/nothing"), ("plain publish", "/publish"),
                ("ingress", "/webhooks/github")])
            {
                Load(app.Urls.First() + path, script, 5);
                var (requests, p50, p99, errors) = Load(app.Urls.First() + path, script, 15);
                measurements.Add(new(subject, Setting, requests, "requests/s", subject == "empty endpoint" ? null : "empty endpoint"));
                measurements.Add(new($"{subject}, p50", Setting, p50, "ms"));
                measurements.Add(new($"{subject}, p99", Setting, p99, "ms"));
                measurements.Add(new($"{subject}, not 2xx", Setting, errors, "requests"));
            }

            return measurements;
        }
        finally
        {
            File.Delete(script);
            File.Delete(signatures);
            await app.StopAsync();
        }
    }

    static async Task<WebApplication> StartAsync(Servers servers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        var prefix = WebhookHost.NewPrefix();
        builder.Services.AddMassTransit(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                w.AddProcessor<IdleProcessor>();
            });
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(servers.Redis.ConnectionString, h => h.KeyPrefix(prefix));
                cfg.ConfigureEndpoints(context);
            });
        });
        builder.Services.AddWebhookReceiver("github", r => r.GitHub(o =>
        {
            o.Secrets.Add(Secret);
            o.DuplicateWindow = TimeSpan.FromSeconds(2);
        })).AddRedisDeduplication(servers.Redis.ConnectionString, prefix);
        var app = builder.Build();
        app.MapWebhooks("/webhooks/{receiver}");
        app.MapPost("/nothing", static () => { });
        app.MapPost("/publish", static async (Microsoft.AspNetCore.Http.HttpRequest request, IBus bus) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            await bus.Publish(
                new Webhook { Id = request.Headers["X-GitHub-Delivery"].ToString(), Receiver = "plain", Body = body.ToArray() });
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>
    /// Equal signed bytes under two ids are a captured request, so each of many bodies has its signature, made before; when they are used
    /// up they begin anew, after the receiver has forgotten them.
    /// </summary>
    static string Script(string signatures)
    {
        File.WriteAllLines(signatures, Enumerable.Range(0, Bodies).Select(x =>
            Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret),
                Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Before}{x}{After}"))))));
        return $$"""
            local thread = 0
            function setup(t)
              t:set('first', thread)
              t:set('id', thread .. '-' .. os.time() .. '-' .. math.random(1, 1000000000))
              thread = thread + 1
            end
            local signatures = {}
            for line in io.lines('{{signatures}}') do signatures[#signatures + 1] = line end
            local n = 0
            function request()
              local body = (n * 2 + first) % {{Bodies}}
              n = n + 1
              return wrk.format('POST', nil, {
                ['Content-Type'] = 'application/json', ['X-GitHub-Event'] = 'push',
                ['X-GitHub-Delivery'] = id .. '-' .. n, ['X-Hub-Signature-256'] = 'sha256=' .. signatures[body + 1] },
                '{{Before}}' .. body .. '{{After}}')
            end
            """;
    }

    static (double Requests, double P50, double P99, double Errors) Load(string url, string script, int seconds)
    {
        var start = new ProcessStartInfo("wrk",
            ["-t2", "-c64", $"-d{seconds}s", "--latency", "-s", script, url])
        { RedirectStandardOutput = true };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            double Number(string pattern) => double.Parse(Regex.Match(output, pattern) is { Success: true } match
                ? match.Groups[1].Value : "0", CultureInfo.InvariantCulture);
            return (Number(@"Requests/sec:\s+([\d.]+)"), Time(output, "50%"), Time(output, "99%"),
                Number(@"Non-2xx or 3xx responses: (\d+)"));
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new InvalidOperationException("The load tool wrk is not installed: apt-get install wrk.", exception);
        }
    }

    static double Time(string output, string percentile)
    {
        var match = Latency().Matches(output).First(x => x.Groups[1].Value == percentile);
        var value = double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
        return match.Groups[3].Value switch { "us" => value / 1000, "ms" => value, _ => value * 1000 };
    }

    [GeneratedRegex(@"^\s+(\d+%)\s+([\d.]+)(us|ms|s)", RegexOptions.Multiline)]
    private static partial Regex Latency();

    sealed class IdleProcessor : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            Task.FromResult(WebhookResult.Success());
    }
}
