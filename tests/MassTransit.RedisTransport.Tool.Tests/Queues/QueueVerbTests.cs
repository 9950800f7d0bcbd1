using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;

namespace MassTransit.RedisTransport.Tool.Tests.Queues;

public sealed class OnRedis(AnyRedis server) : QueueVerbTests(server), IClassFixture<AnyRedis>;

public sealed class OnCluster(SharedCluster server) : QueueVerbTests(server), IClassFixture<SharedCluster>;

/// <summary><c>queues</c>, <c>queue</c> and <c>messages</c>: forms, exit codes, confirmation.</summary>
public abstract class QueueVerbTests(SharedServerFixture fixture)
{
    [SkippableFact]
    public async Task Queues_are_a_table_at_a_terminal_and_objects_in_a_pipe()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 3, dead: 2);
        var piped = (await filled.Tool.RunAsync("queues")).Ends(ExitCode.Done);
        Assert.Equal(["orders", "payments"], piped.Lines.Select(x => x.GetProperty("name").GetString()));
        Assert.Equal([(3, 0), (0, 2)],
            piped.Lines.Select(x => (x.GetProperty("ready").GetInt32(), x.GetProperty("deadLetters").GetInt32())));
        Snapshot.Matches("queue", piped.Lines[0]);
        Assert.Equal(2, (await filled.Tool.RunAsync("queues", "-o", "json")).Json.GetArrayLength());
        Assert.Equal(["orders", "payments", "payments_error"],
            (await filled.Tool.RunAsync("queues", "--all")).Lines.Select(x => x.GetProperty("name").GetString()));
        Assert.Equal("orders", Assert.Single((await filled.Tool.RunAsync("queues", "ord*")).Lines).GetProperty("name").GetString());

        filled.Tool.IsTerminal = true;
        filled.Tool.Environment["NO_COLOR"] = "1";
        var table = (await filled.Tool.RunAsync("queues")).Ends(ExitCode.Done);
        Assert.StartsWith("NAME", table.Out, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^orders +3 +0 +0 +0 ", table.Out);
        Assert.DoesNotContain('\e', table.Out);
        filled.Tool.Environment.Remove("NO_COLOR");
        Assert.Contains('\e', (await filled.Tool.RunAsync("queues")).Out);
        Assert.DoesNotContain('\e', (await filled.Tool.RunAsync("queues", "--no-color")).Out);
    }

    [SkippableFact]
    public async Task First_line_on_stderr_names_server_and_prefix_and_data_stand_alone_on_stdout()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 1);
        var run = await filled.Tool.RunAsync("queues");
        Assert.StartsWith($"mtq: {fixture.Server.ConnectionString}, prefix '{filled.Prefix}' (MTQ_REDIS)\n", run.Error,
            StringComparison.Ordinal);
        Assert.Empty((await filled.Tool.RunAsync("queues", "--quiet")).Error);
        var json = await filled.Tool.RunAsync("queues", "-o", "json");
        Assert.Equal("info", System.Text.Json.JsonDocument.Parse(json.Error).RootElement.GetProperty("level").GetString());
    }

    [SkippableFact]
    public async Task One_queue_is_an_object_and_an_unknown_one_ends_with_3()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 2);
        var shown = (await filled.Tool.RunAsync("queue", "show", "orders", "-o", "json")).Ends(ExitCode.Done).Json;
        Assert.Equal(2, shown.GetProperty("ready").GetInt32());
        foreach (var verb in new[] { new[] { "queue", "show" }, ["queue", "purge"], ["queue", "delete"], ["messages"], ["dead", "list"] })
            (await filled.Tool.RunAsync([.. verb, "nowhere"])).Ends(ExitCode.NotFound).Says("nowhere");
    }

    [SkippableFact]
    public async Task Messages_are_shown_in_their_order_and_stay()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 5);
        var some = (await filled.Tool.RunAsync("messages", "orders", "-n", "3")).Ends(ExitCode.Done).Lines;
        Assert.Equal(3, some.Length);
        Snapshot.Matches("message", some[0]);
        Assert.Equal("Notice", some[0].GetProperty("type").GetString());
        Assert.Equal(5, (await filled.Tool.RunAsync("messages", "orders")).Lines.Length);
        (await filled.Tool.RunAsync("messages", "orders", "--state", "delayed")).Ends(ExitCode.Done)
            .Says("No message of 'orders' is delayed.");
        (await filled.Tool.RunAsync("messages", "orders", "--state", "gone")).Ends(ExitCode.Usage);
    }

    [SkippableFact]
    public async Task Purge_asks_for_the_name_and_changes_nothing_without_it()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 4);
        async Task<long> ReadyAsync() => (await filled.Tool.RunAsync("queue", "show", "orders", "-o", "json")).Number("ready");
        (await filled.Tool.RunAsync("queue", "purge", "orders")).Ends(ExitCode.NotConfirmed).Says("--yes");
        (await filled.Tool.RunAsync("queue", "purge", "orders", "--dry-run")).Ends(ExitCode.Done).Says("nothing was changed");
        (await filled.Tool.RunAsync("queue", "purge", "orders", "--yes", "--expect", "2")).Ends(ExitCode.NotConfirmed);
        filled.Tool.IsTerminal = true;
        (await filled.Tool.TypeAsync("y\n", "queue", "purge", "orders")).Ends(ExitCode.NotConfirmed);
        (await filled.Tool.TypeAsync("", "queue", "purge", "orders")).Ends(ExitCode.NotConfirmed);
        Assert.Equal(4, await ReadyAsync());

        filled.Tool.IsTerminal = false;
        var run = (await filled.Tool.RunAsync("queue", "purge", "orders", "--yes")).Ends(ExitCode.Done);
        Snapshot.Matches("outcome", run.Json);
        Assert.Equal(4, run.Json.GetProperty("count").GetInt32());
        Assert.Equal(0, await ReadyAsync());
        filled.Tool.IsTerminal = true;
        (await filled.Tool.TypeAsync("orders\n", "queue", "delete", "orders", "-o", "json")).Ends(ExitCode.Done);
        (await filled.Tool.RunAsync("queue", "show", "orders")).Ends(ExitCode.NotFound);
    }

    [SkippableFact]
    public async Task Above_a_hundred_messages_a_script_says_how_many_it_expects()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 150);
        (await filled.Tool.RunAsync("queue", "purge", "orders", "--yes")).Ends(ExitCode.NotConfirmed).Says("--expect 150");
        (await filled.Tool.RunAsync("queue", "purge", "orders", "--yes", "--expect", "100")).Ends(ExitCode.NotConfirmed)
            .Says("150 are there");
        Assert.Equal(150, (await filled.Tool.RunAsync("queue", "show", "orders")).Json.GetProperty("ready").GetInt32());
        (await filled.Tool.RunAsync("queue", "purge", "orders", "--yes", "--expect", "140")).Ends(ExitCode.Done);
    }
}
