using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;

namespace MassTransit.RedisTransport.Tool.Tests.Queues;

/// <summary>Pause, limit, rate and workers at a command line.</summary>
public sealed class ControlVerbTests(AnyRedis fixture) : IClassFixture<AnyRedis>
{
    [SkippableFact]
    public async Task A_pause_says_who_and_why_and_proves_that_it_works()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 1);
        var paused = Assert.Single((await filled.Tool.RunAsync("queue", "pause", "payments", "--reason", "PSP is down", "--for", "30m",
            "--wait", "30s")).Ends(ExitCode.Done).Lines);
        Snapshot.Matches("control", paused);
        Assert.Equal((true, false, true, "PSP is down", "cli:ops@test"), (paused.GetProperty("isPaused").GetBoolean(),
            paused.GetProperty("wasPaused").GetBoolean(), paused.GetProperty("isDrained").GetBoolean(),
            paused.GetProperty("reason").GetString(), paused.GetProperty("pausedBy").GetString()));
        Assert.True((await filled.Tool.RunAsync("queue", "show", "payments")).Json.GetProperty("isPaused").GetBoolean());

        var resumed = Assert.Single((await filled.Tool.RunAsync("queue", "resume", "payments")).Ends(ExitCode.Done).Lines);
        Assert.Equal((false, true), (resumed.GetProperty("isPaused").GetBoolean(), resumed.GetProperty("wasPaused").GetBoolean()));
        Assert.Equal(["resume", "pause"], (await filled.Tool.RunAsync("audit", "payments")).Lines
            .Select(x => x.GetProperty("action").GetString()));
    }

    [SkippableFact]
    public async Task All_queues_are_paused_at_once_and_an_unknown_one_is_told()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 1);
        var all = (await filled.Tool.RunAsync("queue", "pause", "*")).Ends(ExitCode.Done).Lines;
        Assert.Equal(["orders", "payments"], all.Select(x => x.GetProperty("queue").GetString()).Order());
        Assert.Equal("orders", Assert.Single((await filled.Tool.RunAsync("queue", "resume", "orders", "nowhere")).Ends(ExitCode.Failed)
            .Says("nowhere").Lines).GetProperty("queue").GetString());
        (await filled.Tool.RunAsync("queue", "pause", "nowhere")).Ends(ExitCode.NotFound);
        (await filled.Tool.RunAsync("queue", "pause", "orders", "--for", "0s")).Ends(ExitCode.Usage);
    }

    [SkippableFact]
    public async Task Limit_rate_and_workers_are_set_and_given_back()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 1);
        (await filled.Tool.RunAsync("queue", "limit", "payments", "50")).Ends(ExitCode.Done);
        (await filled.Tool.RunAsync("queue", "rate", "payments", "100/s")).Ends(ExitCode.Done);
        var set = Assert.Single((await filled.Tool.RunAsync("queue", "workers", "payments", "4")).Ends(ExitCode.Done).Lines);
        Assert.Equal((50, 100, 4), (set.GetProperty("limit").GetInt32(), set.GetProperty("rate").GetInt32(),
            set.GetProperty("workers").GetInt32()));
        (await filled.Tool.RunAsync("queue", "limit", "payments", "0")).Ends(ExitCode.Usage);
        (await filled.Tool.RunAsync("queue", "limit", "payments", "many")).Ends(ExitCode.Usage);
        (await filled.Tool.RunAsync("queue", "limit", "payments", "none")).Ends(ExitCode.Done);
        var reset = Assert.Single((await filled.Tool.RunAsync("queue", "reset", "payments")).Ends(ExitCode.Done).Lines);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, reset.GetProperty("rate").ValueKind);
    }

    [SkippableFact]
    public async Task A_temporary_queue_cannot_be_paused()
    {
        await using var filled = await Filled.StartAsync(fixture.Server);
        var name = TestNames.Unique("temporary");
        var handle = filled.App.Bus.ConnectReceiveEndpoint(name, x =>
        {
            ((IRedisReceiveEndpointConfigurator)x).AutoDeleteOnIdle = TimeSpan.FromMinutes(5);
            x.Handler<Pong>(_ => Task.CompletedTask);
        });
        await Eventually.CompletesAsync(handle.Ready);
        var run = (await filled.Tool.RunAsync("queue", "pause", name)).Ends(ExitCode.Conflict);
        // The server's line, and a sentence that says why.
        Assert.Equal(2, run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
