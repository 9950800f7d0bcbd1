using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;

namespace MassTransit.RedisTransport.Tool.Tests.Operations;

/// <summary><c>workers</c>, <c>doctor</c> and <c>audit</c>: what is going on.</summary>
public sealed class OperationVerbTests(AnyRedis fixture) : IClassFixture<AnyRedis>
{
    [SkippableFact]
    public async Task Workers_are_the_processes_that_receive()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 1);
        await Eventually.EqualAsync(1, async () => (await filled.Tool.RunAsync("workers", "payments")).Lines.Length);
        var worker = Assert.Single((await filled.Tool.RunAsync("workers")).Ends(ExitCode.Done).Lines);
        Snapshot.Matches("worker", worker);
        Assert.Equal(("payments", true, Environment.ProcessId), (worker.GetProperty("queue").GetString(),
            worker.GetProperty("isAlive").GetBoolean(), worker.GetProperty("processId").GetInt32()));
        (await filled.Tool.RunAsync("workers", "orders")).Ends(ExitCode.Done).Says("Nobody receives.");
        (await filled.Tool.RunAsync("workers", "ordres")).Ends(ExitCode.NotFound);
    }

    [SkippableFact]
    public async Task Doctor_says_what_is_wrong_and_fails_if_it_is_as_bad_as_that()
    {
        // A server that keeps nothing on disk.
        await using var server = await OwnServer.StartAsync(new RedisServerOptions());
        using var terminal = new Terminal(server);
        var findings = (await terminal.RunAsync("doctor")).Ends(ExitCode.Done).Lines;
        var forgets = findings.Single(x => x.GetProperty("id").GetString() == "server-forgets");
        Snapshot.Matches("finding", forgets);
        (await terminal.RunAsync("doctor", "--fail-on", "note")).Ends(ExitCode.NotReached);
        (await terminal.RunAsync("doctor", "--fail-on", "unhealthy")).Ends(ExitCode.Done);
        (await terminal.RunAsync("doctor", "--fail-on", "bad")).Ends(ExitCode.Usage);
        terminal.IsTerminal = true;
        Assert.Contains(forgets.GetProperty("sentence").GetString()!, (await terminal.RunAsync("doctor")).Out, StringComparison.Ordinal);
        // Whatever it looks at, it says that Redis is away.
        terminal.Environment["MTQ_REDIS"] = "redis://127.0.0.1:1/0";
        (await terminal.RunAsync("doctor", "--timeout", "300ms", "-o", "json")).Ends(ExitCode.Unreachable);
    }

    [SkippableFact]
    public async Task Audit_tells_who_did_what_and_why()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 2, dead: 2);
        (await filled.Tool.RunAsync("audit")).Ends(ExitCode.Done).Says("Nothing was done.");
        var key = (await filled.KeysAsync())[0];
        (await filled.Tool.RunAsync("dead", "show", "payments", key)).Ends(ExitCode.Done);
        (await filled.Tool.RunAsync("dead", "replay", "payments", key, "--yes", "--reason", "a\r\ntry")).Ends(ExitCode.Done);
        (await filled.Tool.RunAsync("queue", "purge", "orders", "--yes", "-m", "old")).Ends(ExitCode.Done);
        (await filled.Tool.RunAsync("queue", "purge", "orders", "--dry-run")).Ends(ExitCode.Done);
        var entries = (await filled.Tool.RunAsync("audit")).Ends(ExitCode.Done).Lines;
        Assert.Equal([("purge", "orders"), ("replay", "payments_error"), ("view-payload", "payments_error")], entries.Select(x =>
            (x.GetProperty("action").GetString(), x.GetProperty("queue").GetString())));
        Assert.Equal(2, entries[0].GetProperty("count").GetInt32());
        Assert.All(entries, x => Assert.Equal("cli:ops@test", x.GetProperty("user").GetString()));
        Assert.Equal("old", entries[0].GetProperty("reason").GetString());
        Snapshot.Matches("audit", entries[0]);
        Assert.Single((await filled.Tool.RunAsync("audit", "orders", "-n", "1")).Lines);
        // What was done to its dead letters was done to the queue.
        Assert.Equal(2, (await filled.Tool.RunAsync("audit", "payments")).Lines.Length);
        filled.Tool.IsTerminal = true;
        // One line an entry, whatever the reason holds.
        Assert.Equal(4, (await filled.Tool.RunAsync("audit")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
