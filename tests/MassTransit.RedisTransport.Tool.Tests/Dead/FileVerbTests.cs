using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;
using MassTransit.Webhooks;

namespace MassTransit.RedisTransport.Tool.Tests.Dead;

/// <summary>Dead letters that go into a file, and come back from it.</summary>
public sealed class FileVerbTests(AnyRedis fixture) : IClassFixture<AnyRedis>
{
    [SkippableFact]
    public async Task What_was_exported_comes_back_byte_for_byte_and_once()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 4);
        var keys = await filled.KeysAsync();
        var file = await Letters.ExportAsync(filled);
        var before = await File.ReadAllTextAsync(file);
        Snapshot.Matches("dead-letter-exported", Run.Parse(before)[0]);
        Assert.All(Run.Parse(before), x => Assert.Equal(x.GetProperty("recordSha256").GetString(),
            Convert.ToHexStringLower(SHA256.HashData(x.GetProperty("recordBase64").GetBytesFromBase64()))));
        (await filled.Tool.RunAsync("dead", "purge", "payments", "--yes", "--no-trash")).Ends(ExitCode.Done);

        (await filled.Tool.RunAsync("dead", "import", "payments", file)).Ends(ExitCode.NotConfirmed);
        (await filled.Tool.RunAsync("dead", "import", "payments", file, "--yes", "--expect", "2")).Ends(ExitCode.NotConfirmed);
        (await filled.Tool.RunAsync("dead", "import", "payments", file, "--dry-run")).Ends(ExitCode.Done)
            .Says("Import 4 messages of payments_error, from ").Says("No answer to");
        Assert.Empty(await filled.KeysAsync());
        var first = (await filled.Tool.RunAsync("dead", "import", "payments", file, "--yes", "-m", "back")).Ends(ExitCode.Done);
        Snapshot.Matches("import", first.Json);
        Assert.Equal(("import", 4, 0, 4), (first.Text("action"), first.Number("count"), first.Number("present"), first.Number("lastLine")));
        Assert.Equal(keys, await filled.KeysAsync());
        Assert.Equal(before, await File.ReadAllTextAsync(await Letters.ExportAsync(filled, "again")));
        Assert.Equal(4, (await filled.Tool.RunAsync("dead", "groups", "payments")).Lines.Sum(x => x.GetProperty("count").GetInt32()));

        var second = (await filled.Tool.RunAsync("dead", "import", "payments_error", file, "--yes")).Ends(ExitCode.Done);
        Assert.Equal((0, 4), (second.Number("count"), second.Number("present")));
        Assert.Equal(keys, await filled.KeysAsync());
        var audit = (await filled.Tool.RunAsync("audit", "payments_error")).Lines
            .Where(x => x.GetProperty("action").GetString() == "import");
        Assert.Equal([("done", 0, null), ("done", 4, "back")], audit.Select(x => (x.GetProperty("outcome").GetString(),
            x.GetProperty("count").GetInt32(), x.GetProperty("reason").GetString())));
        Assert.Equal(4, (await filled.Tool.RunAsync("dead", "replay", "payments", "--yes")).Ends(ExitCode.Done).Number("done"));
    }

    [SkippableFact]
    public async Task Another_server_takes_them_also_from_the_standard_input()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 2);
        await using var other = await Filled.StartAsync(fixture.Server);
        var text = await File.ReadAllTextAsync(await Letters.ExportAsync(filled));
        (await other.Tool.TypeAsync(text, "dead", "import", "nowhere", "-", "--yes")).Ends(ExitCode.NotFound);
        // As editors and other systems leave it.
        var edited = "\u00ef\u00bb\u00bf\r\n" + text.Replace("\n", "\r\n\r\n", StringComparison.Ordinal).TrimEnd();
        var run = (await other.Tool.TypeAsync(edited, "dead", "import", "payments", "-", "--yes")).Ends(ExitCode.Done);
        Assert.Equal((2, 4), (run.Number("count"), run.Number("lastLine")));
        Assert.Equal(await filled.KeysAsync(), await other.KeysAsync());
        Assert.Equal(1, (await other.Tool.TypeAsync(edited, "dead", "import", "payments", "-", "--yes", "--from", "4")).Ends(ExitCode.Done)
            .Number("present"));
        (await other.Tool.TypeAsync("", "dead", "import", "payments", "-", "--yes")).Ends(ExitCode.Done).Says("There is no letter in it.");
        (await other.Tool.TypeAsync(text, "dead", "import", "payments", "-", "--yes", "--from", "0")).Ends(ExitCode.Usage);
        (await other.Tool.RunAsync("dead", "import", "payments", "nothing.ndjson", "--yes")).Ends(ExitCode.Usage).Says("nothing.ndjson");
        // Those of another queue are its letters only if somebody says so.
        (await other.Tool.TypeAsync(text, "dead", "import", "payments_skipped", "-", "--yes")).Ends(ExitCode.Usage)
            .Says("line 1 is a letter of 'payments_error', not of 'payments_skipped'");
        Assert.Equal(2, (await other.Tool.TypeAsync(text, "dead", "import", "payments_skipped", "-", "--yes", "--any-queue"))
            .Ends(ExitCode.Done).Number("count"));
    }

    [SkippableFact]
    public async Task A_damaged_line_is_named_and_nothing_is_imported()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 2);
        var lines = (await File.ReadAllTextAsync(await Letters.ExportAsync(filled))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        (await filled.Tool.RunAsync("dead", "purge", "payments", "--yes", "--no-trash")).Ends(ExitCode.Done);
        foreach (var (damaged, cause) in new[]
        {
            (lines[1][..^20], "is no JSON, or was cut off"),
            ("[]", "is no JSON object"),
            ("null", "is no JSON object"),
            ("{}", "has no key or no queue"),
            (Letters.Changed(lines[1], x => x["key"] = 5), "has no key or no queue"),
            (Letters.Changed(lines[1], x => x["key"] = "0000"), "has a key that no message can have"),
            (Letters.Changed(lines[1], x => x["key"] = x["key"]!.GetValue<string>() + "0"), "has a key that no message can have"),
            (Letters.Changed(lines[1], x => x["recordBase64"] = null), "has no record"),
            (Letters.Changed(lines[1], x => x["recordBase64"] = "$$$"), "has a record that is no base64"),
            (Letters.Changed(lines[1], x => x["recordBase64"] = "AAAA"), "has another record than was exported"),
            (Letters.Changed(lines[1], x => x.Remove("recordSha256")), "has another record than was exported"),
            (Letters.Changed(lines[1], x => x.SetRecord([])), "has a key that no message can have, or an empty record"),
        })
        {
            await File.WriteAllTextAsync(filled.Tool.File("damaged"), $"{lines[0]}\n\n{damaged}\n{lines[1]}\n");
            var run = (await filled.Tool.RunAsync("dead", "import", "payments", "damaged", "--yes")).Ends(ExitCode.Usage);
            run.Says($"damaged, line 3 {cause}").Says("1 of 3 lines cannot be imported. Nothing was changed.");
            Assert.Empty(run.Out);
        }

        await File.WriteAllTextAsync(filled.Tool.File("damaged"), string.Concat(Enumerable.Repeat("x\n", 50)));
        var many = (await filled.Tool.RunAsync("dead", "import", "payments", "damaged", "--yes")).Ends(ExitCode.Usage);
        Assert.Equal(12, many.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Empty(await filled.KeysAsync());

        // A record that nobody can read was one before, too.
        await File.WriteAllTextAsync(filled.Tool.File("odd"), Letters.Changed(lines[0], x => x.SetRecord([9, 0, 255])));
        Assert.Equal(1, (await filled.Tool.RunAsync("dead", "import", "payments", "odd", "--yes")).Ends(ExitCode.Done).Number("count"));
        Assert.Equal([9, 0, 255], (await filled.Tool.RunAsync("dead", "show", "payments", Assert.Single(await filled.KeysAsync()), "--raw"))
            .Bytes);
        // One that has died in the future: what comes before it is in.
        await File.WriteAllLinesAsync(filled.Tool.File("future"),
            [lines[0], Letters.Changed(lines[1], x => x["key"] = "00ffffffffffff00000000"), lines[1]]);
        var future = (await filled.Tool.RunAsync("dead", "import", "payments", "future", "--yes")).Ends(ExitCode.Failed)
            .Says("Lines 1 to 1 are in. Go on with: mtq dead import payments_error future --from 2 --yes")
            .Says("ahead of the server's clock");
        Assert.Equal((1, 1), (future.Number("count"), future.Number("lastLine")));
    }

    [SkippableFact]
    public async Task A_record_with_secrets_in_its_headers_leaves_only_if_somebody_says_so()
    {
        await using var filled = await Filled.StartAsync(fixture.Server);
        // The endpoint has no consumer of webhooks, so it skips them.
        await filled.App.SendAsync("payments", new Webhook
        {
            Id = "1",
            Receiver = "r",
            EventType = "e",
            Headers = new Dictionary<string, string> { ["X-Api-Key"] = "k3y-0f-0ps" },
            Body = "{}"u8.ToArray(),
        });
        await Eventually.TrueAsync(async () => (await filled.Tool.RunAsync("dead", "list", "payments_skipped")).Out.Length > 0);

        var masked = (await filled.Tool.RunAsync("dead", "export", "payments_skipped")).Ends(ExitCode.Done).Says("1 of them hold headers");
        Assert.Equal(JsonValueKind.Null, masked.Json.GetProperty("recordBase64").ValueKind);
        Assert.DoesNotContain("k3y", masked.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("k3y-0f-0ps"))[..9], masked.Out, StringComparison.Ordinal);
        (await filled.Tool.TypeAsync(masked.Out, "dead", "import", "payments_skipped", "-", "--yes")).Ends(ExitCode.Usage)
            .Says("line 1 has no record: it was exported without --unmask");
        var whole = (await filled.Tool.RunAsync("dead", "export", "payments_skipped", "--unmask")).Ends(ExitCode.Done);
        Assert.Equal("k3y-0f-0ps", whole.Json.GetProperty("headers").GetProperty("webhook X-Api-Key").GetString());
        Assert.Equal(1, (await filled.Tool.TypeAsync(whole.Out, "dead", "import", "payments_skipped", "-", "--yes")).Ends(ExitCode.Done)
            .Number("present"));
    }

    [SkippableFact]
    public async Task Interrupted_it_says_how_many_lines_are_in_and_the_line_that_goes_on()
    {
        await using var server = await OwnServer.StartAsync(new RedisServerOptions());
        await using var filled = await Filled.StartAsync(server, dead: 1);
        var line = await File.ReadAllTextAsync(await Letters.ExportAsync(filled));
        const int Count = 20_000;
        await Letters.WriteManyAsync(filled.Tool.File("many it's"), line, Count);
        await using var running = filled.Tool.Start("dead", "import", "payments", "many it's", "--yes", "--expect", $"{Count}");
        await Eventually.TrueAsync(async () => await DeadAsync() > 1);
        // No further step is done until it is interrupted.
        await using var raw = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(server.ConfigurationOptions);
        await raw.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "60000", "WRITE");
        var ending = running.InterruptAsync();
        await raw.GetDatabase().ExecuteAsync("CLIENT", "UNPAUSE");
        Assert.Equal(ExitCode.Interrupted, await ending);

        var outcome = Assert.Single(running.Lines);
        var done = outcome.GetProperty("count").GetInt32();
        Assert.InRange(done, 1, Count - 1);
        Assert.Equal((done, done + 1), (outcome.GetProperty("lastLine").GetInt32(), await DeadAsync()));
        var rest = await running.SaysAsync($"Lines 1 to {done} are in. Go on with: mtq ");
        Assert.Equal($"dead import payments_error 'many it'\\''s' --from {done + 1} --yes --expect {Count - done}", rest);
        Assert.Equal(Count - done, (await filled.Tool.RunAsync("dead", "import", "payments_error", "many it's", "--from", $"{done + 1}",
            "--yes", "--expect", $"{Count - done}")).Ends(ExitCode.Done).Number("count"));
        Assert.Equal(Count + 1, await DeadAsync());

        async Task<int> DeadAsync() => (await filled.Tool.RunAsync("queue", "show", "payments")).Json.GetProperty("deadLetters").GetInt32();
    }
}
