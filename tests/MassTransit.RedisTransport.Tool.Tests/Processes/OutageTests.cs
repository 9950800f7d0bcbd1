using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;

namespace MassTransit.RedisTransport.Tool.Tests.Processes;

/// <summary>Redis that is away, refuses, or does not answer: each verb says so, with its number, within a bound.</summary>
public sealed class OutageTests
{
    public static TheoryData<string> Verbs =>
    [
        "queues", "queue show orders", "queue purge orders --yes", "queue delete orders --yes", "messages orders", "dead list orders",
        "dead show orders 000000000000000000000a", "dead replay orders --yes", "dead purge orders --yes", "dead export orders",
        "dead groups orders", "queue pause orders", "workers", "audit", "ops list", "trash list orders_error",
    ];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Redis_that_is_away_ends_each_verb_with_4(string verb)
    {
        using var terminal = new Terminal();
        // Nobody listens on port 1.
        terminal.Environment["MTQ_REDIS"] = "redis://127.0.0.1:1/0";
        var run = (await terminal.RunAsync([.. verb.Split(' '), "--timeout", "300ms"])).Ends(ExitCode.Unreachable);
        Assert.Empty(run.Out);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_wrong_password_ends_with_5_and_is_not_shown()
    {
        const string secret = "wr0ng-Pa55word";
        var options = new RedisServerOptions();
        options.Users.Add("default on >right ~* &* +@all");
        await using var server = await OwnServer.StartAsync(options);
        using var terminal = new Terminal();
        terminal.Environment["MTQ_REDIS"] = $"redis://127.0.0.1:{server.Port}/0";
        terminal.Environment["MTQ_PASSWORD"] = secret;
        var run = (await terminal.RunAsync("queues", "--timeout", "6s")).Ends(ExitCode.Refused);
        Assert.DoesNotContain(secret, run.Error, StringComparison.Ordinal);
        terminal.Environment.Remove("MTQ_PASSWORD");
        (await terminal.RunAsync("queues", "--timeout", "6s")).Ends(ExitCode.Refused);
        terminal.Environment["MTQ_PASSWORD"] = "right";
        (await terminal.RunAsync("queues")).Ends(ExitCode.Done).Says("There is no queue.");
    }

    [SkippableFact]
    public async Task A_frozen_server_ends_with_4()
    {
        await using var server = await OwnServer.StartAsync(new RedisServerOptions());
        using var terminal = new Terminal(server);
        (await terminal.RunAsync("queues")).Ends(ExitCode.Done);
        server.Suspend();
        try
        {
            (await terminal.RunAsync("queues", "--timeout", "500ms")).Ends(ExitCode.Unreachable);
        }
        finally
        {
            server.Resume();
        }
    }
}
