using System.Collections.Concurrent;
using MassTransit.Webhooks.Compose.Tests.Support;
using MassTransit.Webhooks.Samples.Tests.Support;
using Xunit.Abstractions;

namespace MassTransit.Webhooks.Samples.Tests;

/// <summary>Ingress and workers as one deploys them: separate processes that share a Redis.</summary>
public class DeploymentTests(ITestOutputHelper output)
{
    const int Some = 100;

    readonly string _prefix = TestNames.Unique("samples");

    [SkippableFact]
    public async Task Worker_that_is_stopped_in_the_middle_loses_nothing()
    {
        var server = await SharedServers.Redis;
        server.SkipIfUnavailable();
        await using var ingress = await StartIngressAsync(server);
        using var sender = new Sender(await ingress.AddressAsync());
        using (var management = new Sender(await ingress.ManagementAddressAsync()))
            await ReadyAndToldAsync(management);

        // Nobody would ever process it: the sender is to keep it, and to try again.
        var early = await sender.SendGitHubAsync("early");
        Assert.Equal(503, early.Status);
        Assert.Contains("no-subscriber", early.Text, StringComparison.Ordinal);

        await using var first = await StartWorkerAsync(server);
        await using var second = await StartWorkerAsync(server);
        foreach (var worker in new[] { first, second })
        {
            using var probe = new Sender(await worker.AddressAsync());
            await ReadyAndToldAsync(probe);
        }

        Assert.Equal(202, (await sender.SendGitHubAsync("early")).Status);
        Assert.Equal(200, (await sender.SendGitHubAsync("early")).Status);
        Assert.Equal(401, (await sender.SendGitHubAsync("forged", secret: "another")).Status);

        var accepted = new ConcurrentDictionary<string, byte> { ["early"] = 0 };
        using var enough = new CancellationTokenSource();
        var sending = Task.WhenAll(Enumerable.Range(0, 8).Select(x => SendAsync(sender, x, accepted, enough.Token)));

        // Webhooks come in before the worker stops, meanwhile, and afterwards.
        await Eventually.TrueAsync(() => sending.IsCompleted || Processed(first).Count >= Some, TimeSpan.FromSeconds(60),
            $"the first worker is at work: {first.Output}");
        Assert.False(sending.IsCompleted, $"{sending.Exception}");
        Assert.True(await first.StopAsync() == 0, first.Output);
        var sent = accepted.Count;
        await Eventually.TrueAsync(() => sending.IsCompleted || accepted.Count >= sent + Some, TimeSpan.FromSeconds(60),
            $"webhooks go on coming in: {ingress.Output}");
        await enough.CancelAsync();
        await Eventually.CompletesAsync(sending, TimeSpan.FromSeconds(60), "the requests under way end");
        await Eventually.TrueAsync(() => !accepted.Keys.Except(Processed(first)).Except(Processed(second)).Any(), TimeSpan.FromSeconds(60),
            $"all webhooks are processed: {second.Output}");

        Assert.True(await second.StopAsync() == 0, second.Output);
        Assert.True(await ingress.StopAsync() == 0, ingress.Output);
        var processed = Processed(first).Concat(Processed(second)).ToList();
        Assert.Empty(processed.Except(accepted.Keys));
        output.WriteLine(
            $"{accepted.Count} accepted; {Processed(first).Count} by the worker that was stopped, {Processed(second).Count} by the other; "
            + $"{processed.Count - accepted.Count} repeated");
    }

    [SkippableFact]
    public async Task Webhooks_that_come_while_no_worker_runs_wait_for_the_next_one()
    {
        var server = await SharedServers.Redis;
        server.SkipIfUnavailable();
        await using var ingress = await StartIngressAsync(server);
        using var sender = new Sender(await ingress.AddressAsync());
        await using var worker = await StartWorkerAsync(server);
        using (var probe = new Sender(await worker.AddressAsync()))
            await ReadyAndToldAsync(probe);

        Assert.True(await worker.StopAsync() == 0, worker.Output);
        // The queue has a subscriber, although nobody is there now.
        Assert.Equal(202, (await sender.SendOrderAsync("later")).Status);
        await using var next = await StartWorkerAsync(server);
        await Eventually.TrueAsync(() => Processed(next).Contains("later"), message: next.Output);
    }

    [SkippableFact]
    public async Task Both_become_ready_with_the_environment_of_the_compose_file()
    {
        var server = await SharedServers.Redis;
        server.SkipIfUnavailable();
        await using var worker = await SampleProcess.StartAsync("Worker", Composed("worker", server));
        await using var ingress = await SampleProcess.StartAsync("Ingress",
        [
            .. Composed("ingress", server).Where(x => !x.Item1.Contains("Secrets", StringComparison.Ordinal)),
            ("Webhooks__Receivers__github__Secrets__0", "another-secret-of-github"),
            ("Webhooks__Receivers__orders__Secrets__0", "whsec_YW5vdGhlciBzZWNyZXQgb2Ygb3JkZXJz"),
        ]);

        foreach (var address in new[] { await worker.AddressAsync(), await ingress.ManagementAddressAsync() })
        {
            using var probe = new Sender(address);
            await ReadyAsync(probe);
        }

        // The receivers have secrets, which are not those of the tests.
        using var sender = new Sender(await ingress.AddressAsync());
        Assert.Equal(401, (await sender.SendGitHubAsync("1")).Status);
        Assert.Equal(401, (await sender.SendOrderAsync("1")).Status);
    }

    [Fact]
    public async Task Composed_ingress_without_secrets_ends_and_says_which()
    {
        var secrets = ComposeFiles.Merged((YamlDotNet.RepresentationModel.YamlMappingNode)ComposeFiles.Services()["ingress"]["environment"])
            .Where(x => x.Key.Contains("Secrets", StringComparison.Ordinal)).Select(x => (x.Key.ToString(), Default(x.Value.ToString())));
        await using var ingress = await SampleProcess.StartAsync("Ingress", [("ASPNETCORE_URLS", "http://127.0.0.1:0"), .. secrets]);

        Assert.True(await ingress.ExitCodeAsync() == 2, ingress.Output);
        Assert.Contains(ingress.Lines,
            x => x.Contains("'github'", StringComparison.Ordinal) && x.Contains("secret", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What the compose file has where the variable is not set.</summary>
    static string Default(string value) => System.Text.RegularExpressions.Regex.Replace(value, @"\$\{\w+:-([^}]*)\}", "$1");

    /// <summary>Word for word, but for where things are.</summary>
    (string, string)[] Composed(string service, TestServer server)
    {
        var replaced = Common(server).ToDictionary(x => x.Item1, x => x.Item2);
        return
        [
            .. ComposeFiles.Merged((YamlDotNet.RepresentationModel.YamlMappingNode)ComposeFiles.Services()[service]["environment"])
                .Select(x => (x.Key, Value: Default(x.Value.ToString())))
                .Where(x => !replaced.ContainsKey(x.Key) && x.Key is not ("Redis__Url" or "ASPNETCORE_HTTP_PORTS")),
            .. replaced.Select(x => (x.Key, x.Value)),
        ];
    }

    [Fact]
    public async Task Ingress_does_not_start_without_secrets()
    {
        await using var ingress = await SampleProcess.StartAsync("Ingress", [("ASPNETCORE_URLS", "http://127.0.0.1:0")]);
        Assert.True(await ingress.ExitCodeAsync() == 2, ingress.Output);
        Assert.Contains(ingress.Lines,
            x => x.StartsWith("In the webhook receiver 'github', Secrets is empty: it has no secret.", StringComparison.Ordinal));
        Assert.Contains(ingress.Lines, x => x.Contains("Webhooks__Receivers__", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NUM_WORKERS", "0", "1 to 10000 (NUM_WORKERS)")]
    [InlineData("Worker__BatchSize", "2000", "1 to 1000 (BATCH_SIZE)")]
    public async Task Worker_names_the_setting_that_cannot_be_used_with_the_cure(string name, string value, string cure)
    {
        await using var worker = await SampleProcess.StartAsync("Worker", [("ASPNETCORE_URLS", "http://127.0.0.1:0"), (name, value)]);
        Assert.True(await worker.ExitCodeAsync() == 2, worker.Output);
        Assert.Contains(worker.Lines, x => x.Contains(cure, StringComparison.Ordinal));
    }

    static async Task SendAsync(Sender sender, int lane, ConcurrentDictionary<string, byte> accepted, CancellationToken enough)
    {
        for (var number = 0; !enough.IsCancellationRequested; number++)
        {
            var id = $"w{lane}-{number}";
            var (status, text) = number % 2 == 0 ? await sender.SendGitHubAsync(id) : await sender.SendOrderAsync(id);
            Assert.True(status == 202, text);
            accepted.TryAdd(id, 0);
        }
    }

    Task<SampleProcess> StartIngressAsync(TestServer server) => SampleProcess.StartAsync("Ingress",
    [
        .. Common(server),
        ("Webhooks__Receivers__github__Secrets__0", Sender.GitHubSecret),
        ("Webhooks__Receivers__orders__Secrets__0", Sender.OrdersSecret),
    ]);

    Task<SampleProcess> StartWorkerAsync(TestServer server) => SampleProcess.StartAsync("Worker",
    [
        .. Common(server),
        // Small and slow, so that there is a middle to stop it in; and it is to tell what it processes.
        ("NUM_WORKERS", "2"), ("BATCH_SIZE", "10"), ("Worker__WorkTime", "00:00:00.020"), ("Logging__LogLevel__Worker", "Debug"),
    ]);

    (string, string)[] Common(TestServer server) =>
        [("REDIS_URL", server.ConnectionString), ("Redis__KeyPrefix", _prefix), ("ASPNETCORE_URLS", "http://127.0.0.1:0")];

    /// <summary>Ready, though degraded: the tests' Redis keeps nothing on disk.</summary>
    static async Task<string> ReadyAsync(Sender process)
    {
        await Eventually.TrueAsync(async () =>
            (await process.GetAsync("/health/live")).Status == 200
                && (await process.GetAsync("/health/ready")).Status == 200, message: "the process is ready");
        return (await process.GetAsync("/health/ready")).Text;
    }

    static async Task ReadyAndToldAsync(Sender worker)
    {
        var text = await ReadyAsync(worker);
        Assert.StartsWith("Degraded\n", text, StringComparison.Ordinal);
        Assert.Contains("redis-server: ", text, StringComparison.Ordinal);
        Assert.Contains("Set 'appendonly yes'", text, StringComparison.Ordinal);
    }

    static List<string> Processed(SampleProcess worker) =>
        [.. worker.Lines.Select(x => x.Trim()).Where(x => x.StartsWith("Processed ", StringComparison.Ordinal))
            .Select(x => x.Split(' ')[^1])];
}
