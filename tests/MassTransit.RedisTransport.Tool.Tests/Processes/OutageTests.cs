using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;

namespace MassTransit.RedisTransport.Tool.Tests.Processes;

/// <summary>Redis that refuses, or does not answer: a verb says so, with its number, within a bound.</summary>
public sealed class OutageTests
{
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
        using var without = new Terminal();
        without.Environment["MTQ_REDIS"] = terminal.Environment["MTQ_REDIS"];
        var runs = await Task.WhenAll(terminal.RunAsync("queues", "--timeout", "6s"), without.RunAsync("queues", "--timeout", "6s"));
        Assert.All(runs, x => x.Ends(ExitCode.Refused));
        Assert.DoesNotContain(secret, runs[0].Error, StringComparison.Ordinal);
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
