using System.Net;
using System.Net.Sockets;
using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Samples.Tests.Support;

namespace MassTransit.Webhooks.Samples.Tests;

/// <summary>The first command of the README, as a newcomer runs it.</summary>
public class QuickstartTests
{
    const string Complete = "Every webhook is accounted for, by its id.";
    static readonly (string, string) AnyPort = ("INGRESS_URL", "http://127.0.0.1:0");

    [Fact]
    public async Task Quickstart_accounts_for_every_webhook_on_the_embedded_server()
    {
        await using var quickstart = await SampleProcess.StartAsync("Quickstart", [AnyPort], "--once");
        Assert.True(await quickstart.ExitCodeAsync(TimeSpan.FromSeconds(90)) == 0, quickstart.Output);
        Assert.Contains(Complete, quickstart.Lines);
    }

    [SkippableFact]
    public async Task Run_that_was_killed_does_not_disturb_the_next_one_on_the_same_Redis()
    {
        await using var server = new RedisServerProcess();
        await server.StartAsync();
        server.SkipIfUnavailable();
        (string, string)[] environment =
            [AnyPort, ("REDIS_URL", $"redis://{server.ConnectionString}"), ("NUM_WORKERS", "4"), ("BATCH_SIZE", "20")];

        await using (var first = await SampleProcess.StartAsync("Quickstart", environment, "--once"))
        {
            // In the middle: some are processed, some wait, some are leased, delayed or dead.
            await first.LineAsync(x => x.StartsWith("sent ", StringComparison.Ordinal)
                && !x.StartsWith("sent 0/", StringComparison.Ordinal));
            await first.KillAsync();
            Assert.DoesNotContain(Complete, first.Lines);
        }

        await using var second = await SampleProcess.StartAsync("Quickstart", environment, "--once");
        Assert.True(await second.ExitCodeAsync(TimeSpan.FromSeconds(90)) == 0, second.Output);
        Assert.Contains(Complete, second.Lines);
        Assert.Contains(second.Lines, x => x.Contains("4 workers, batches of 20", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Printed_curl_line_is_accepted_once_and_then_known()
    {
        Skip.If(Executable.Find("curl") is null, "no curl on the PATH");
        await using var quickstart = await SampleProcess.StartAsync("Quickstart", [AnyPort]);
        var line = await quickstart.LineAsync(x => x.StartsWith("curl ", StringComparison.Ordinal), TimeSpan.FromSeconds(90));
        Assert.Contains(Complete, quickstart.Lines);

        Assert.StartsWith("HTTP/1.1 202 ", Shell(line), StringComparison.Ordinal);
        await quickstart.LineAsync(x => x.StartsWith("Processed push of github", StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 200 ", Shell(line), StringComparison.Ordinal);
        Assert.True(await quickstart.InterruptAsync() == 0, quickstart.Output);
        Assert.Single(quickstart.Lines, x => x.StartsWith("Processed ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Printed_address_of_a_failed_webhook_shows_it_on_the_dashboard()
    {
        await using var quickstart = await SampleProcess.StartAsync("Quickstart", [AnyPort]);
        var address = await quickstart.LineAsync(x => x.Contains("/ops/dead/shop-hooks_error/messages/", StringComparison.Ordinal),
            TimeSpan.FromSeconds(90));
        using var client = new HttpClient();
        var page = await client.GetStringAsync(new Uri(address));
        Assert.Contains("The order is not known.", page, StringComparison.Ordinal);
        // What is for operators is not where webhooks are sent to.
        var ingress = quickstart.Lines.First(x => x.StartsWith("Ingress: ", StringComparison.Ordinal))["Ingress: ".Length..];
        using var hidden = await client.GetAsync(new Uri(new Uri(ingress[..ingress.IndexOf("/webhooks", StringComparison.Ordinal)]),
            "/ops"));
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        Assert.True(await quickstart.InterruptAsync() == 0, quickstart.Output);
    }

    [Fact]
    public async Task Port_that_is_taken_is_named_with_the_cure()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        await using var quickstart = await SampleProcess.StartAsync("Quickstart", [("INGRESS_URL", url)], "--once");
        Assert.True(await quickstart.ExitCodeAsync() == 2, quickstart.Output);
        Assert.Contains(quickstart.Lines,
            x => x.Contains(url, StringComparison.Ordinal) && x.Contains("INGRESS_URL=", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Redis_that_may_delete_messages_is_named_with_the_cure()
    {
        await using var server = new RedisServerProcess(new RedisServerOptions { MaxMemoryPolicy = "allkeys-lru" });
        await server.StartAsync();
        server.SkipIfUnavailable();
        await using var quickstart =
            await SampleProcess.StartAsync("Quickstart", [AnyPort, ("REDIS_URL", $"redis://{server.ConnectionString}")], "--once");
        Assert.True(await quickstart.ExitCodeAsync() == 2, quickstart.Output);
        Assert.Contains(quickstart.Lines, x => x.Contains("maxmemory-policy noeviction", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NUM_WORKERS", "many", "1 to 10000")]
    [InlineData("BATCH_SIZE", "1001", "1 to 1000")]
    [InlineData("INGRESS_URL", "5080", "http://127.0.0.1:5080")]
    [InlineData("REDIS_URL", "http://localhost", "redis://server:6379/0")]
    public async Task Setting_that_cannot_be_used_is_named_with_the_cure(string name, string value, string cure)
    {
        await using var quickstart = await SampleProcess.StartAsync("Quickstart", [AnyPort, (name, value)], "--once");
        Assert.True(await quickstart.ExitCodeAsync() == 2, quickstart.Output);
        Assert.Contains(quickstart.Lines, x => x.Contains(cure, StringComparison.Ordinal));
    }

    /// <summary>Pastes a line into a shell.</summary>
    static string Shell(string line)
    {
        // --noproxy: a machine's proxy does not know this machine's ports.
        var output = Executable.Run("/bin/sh", TimeSpan.FromSeconds(20), "-c", $"{line} --noproxy '*' --silent");
        Assert.NotNull(output);
        return output;
    }
}
