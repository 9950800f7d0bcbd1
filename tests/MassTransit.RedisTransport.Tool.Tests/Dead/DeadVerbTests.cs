using System.Text;
using System.Text.Json;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;
using MassTransit.Webhooks;

namespace MassTransit.RedisTransport.Tool.Tests.Dead;

public sealed class OnRedis(AnyRedis server) : DeadVerbTests(server), IClassFixture<AnyRedis>;

public sealed class OnCluster(SharedCluster server) : DeadVerbTests(server), IClassFixture<SharedCluster>;

/// <summary>What an operator does with dead letters at a command line.</summary>
public abstract class DeadVerbTests(SharedServerFixture fixture)
{
    [SkippableFact]
    public async Task Dead_letters_are_listed_filtered_and_shown()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 4,
            fault: i => i % 2 == 0 ? new TimeoutException($"late {i}") : new InvalidOperationException($"refused {i}"));
        var all = (await filled.Tool.RunAsync("dead", "list", "payments")).Ends(ExitCode.Done).Lines;
        Assert.Equal(4, all.Length);
        Snapshot.Matches("dead-letter", all[0]);
        Assert.Equal(2, (await filled.Tool.RunAsync("dead", "list", "payments_error", "--exception", "TimeoutException")).Lines.Length);
        Assert.Equal("refused 3", Assert.Single((await filled.Tool.RunAsync("dead", "list", "payments", "--contains", "fused 3")).Lines)
            .GetProperty("faultMessage").GetString());
        Assert.Empty((await filled.Tool.RunAsync("dead", "list", "payments", "--older", "1h")).Lines);
        Assert.Single((await filled.Tool.RunAsync("dead", "list", "payments", "--text", "refused 1")).Lines);
        var groups = (await filled.Tool.RunAsync("dead", "groups", "payments")).Ends(ExitCode.Done).Lines;
        Snapshot.Matches("group", groups[0]);
        Assert.Equal([2, 2], groups.Select(x => x.GetProperty("count").GetInt32()));
        Assert.Equal(2, (await filled.Tool.RunAsync("dead", "list", "payments", "--group", groups[0].GetProperty("id").GetString()!))
            .Lines.Length);
        Assert.Empty((await filled.Tool.RunAsync("dead", "list", "payments", "--receiver", "github")).Lines);
        (await filled.Tool.RunAsync("dead", "list", "payments", "--older", "soon")).Ends(ExitCode.Usage).Says("no duration");

        var key = all[0].GetProperty("key").GetString()!;
        var shown = (await filled.Tool.RunAsync("dead", "show", "payments", key)).Ends(ExitCode.Done).Json;
        Snapshot.Matches("dead-letter-whole", shown);
        Assert.Contains("at ", shown.GetProperty("stackTrace").GetString(), StringComparison.Ordinal);
        var raw = (await filled.Tool.RunAsync("dead", "show", "payments", key, "--raw")).Ends(ExitCode.Done);
        Assert.Equal(shown.GetProperty("bodyBase64").GetBytesFromBase64(), raw.Bytes);
        // A message of any other type is no webhook, though its JSON can be read as one.
        Assert.Contains("\"number\"", Encoding.UTF8.GetString(raw.Bytes), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("receiver").ValueKind);
        (await filled.Tool.RunAsync("dead", "send", "payments", key, "--to", "http://localhost:1", "--as", "unsigned"))
            .Ends(ExitCode.Conflict).Says("is no webhook");
        (await filled.Tool.RunAsync("dead", "show", "payments", "0000000000000000000000")).Ends(ExitCode.NotFound);
        (await filled.Tool.RunAsync("dead", "show", "payments", "no key")).Ends(ExitCode.Usage);
        (await filled.Tool.RunAsync("dead", "list", "payments", "--after", "no cursor")).Ends(ExitCode.Usage);

        var exported = (await filled.Tool.RunAsync("dead", "export", "payments")).Ends(ExitCode.Done).Lines;
        Assert.Equal(all.Select(x => x.GetProperty("key").GetString()), exported.Select(x => x.GetProperty("key").GetString()));
    }

    [SkippableFact]
    public async Task Pages_go_on_where_the_one_before_has_ended()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 5);
        var first = await filled.Tool.RunAsync("dead", "list", "payments", "-n", "2");
        var after = first.Error[(first.Error.IndexOf("--after ", StringComparison.Ordinal) + 8)..].Trim();
        var rest = await filled.Tool.RunAsync("dead", "list", "payments", "--after", after);
        Assert.Equal(await filled.KeysAsync(), first.Lines.Concat(rest.Lines).Select(x => x.GetProperty("key").GetString()));
    }

    [SkippableFact]
    public async Task Replay_of_keys_and_of_a_filter_moves_just_those()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 6, fault: i => i < 2
            ? new TimeoutException("late") : new InvalidOperationException("refused"));
        var key = (await filled.KeysAsync())[0];
        (await filled.Tool.RunAsync("dead", "replay", "payments", key)).Ends(ExitCode.NotConfirmed);
        (await filled.Tool.RunAsync("dead", "replay", "payments", key, "--exception", "X", "--yes")).Ends(ExitCode.Usage);
        (await filled.Tool.RunAsync("dead", "replay", "payments", "0000000000000000000000", "--yes")).Ends(ExitCode.NotFound);
        var run = (await filled.Tool.RunAsync("dead", "replay", "payments", key, "--yes")).Ends(ExitCode.Done);
        Assert.Equal(("replay", "done", 1), (run.Text("kind"), run.Text("state"), run.Number("done")));
        Snapshot.Matches("operation", run.Json);
        // It fails again, as a letter with another key.
        await Eventually.TrueAsync(async () => (await filled.KeysAsync()) is { Length: 6 } keys && !keys.Contains(key));

        Assert.Equal(2, (await filled.Tool.RunAsync("dead", "replay", "payments", "--exception", "TimeoutException", "--yes"))
            .Ends(ExitCode.Done).Number("done"));
        await filled.DeadAsync(6);
        Assert.Equal(3, (await filled.Tool.RunAsync("dead", "purge", "payments", "--exception", "InvalidOperationException", "--first", "3",
            "--yes")).Ends(ExitCode.Done).Number("done"));
        var trash = (await filled.Tool.RunAsync("trash", "list", "payments_error")).Ends(ExitCode.Done).Lines;
        Assert.Equal(3, trash.Length);
        Snapshot.Matches("trash", trash[0]);
        Assert.Equal(1, (await filled.Tool.RunAsync("trash", "restore", "payments_error", trash[0].GetProperty("key").GetString()!))
            .Ends(ExitCode.Done).Number("count"));
        Assert.Equal(4, (await filled.KeysAsync()).Length);
        (await filled.Tool.RunAsync("dead", "purge", "payments", trash[0].GetProperty("key").GetString()!, "--yes")).Ends(ExitCode.Done);
        Assert.Equal(4, (await filled.Tool.RunAsync("ops", "list")).Ends(ExitCode.Done).Lines.Length);
        (await filled.Tool.RunAsync("ops", "show", "payments_error~000000000000")).Ends(ExitCode.NotFound);
        Assert.Equal(3, (await filled.KeysAsync()).Length);
        foreach (var none in new[] { "0", "-1", "100000000" })
        {
            (await filled.Tool.RunAsync("dead", "purge", "payments", "--first", none, "--yes")).Ends(ExitCode.Usage);
            (await filled.Tool.RunAsync("dead", "purge", "payments", (await filled.KeysAsync())[0], "--first", none, "--yes"))
                .Ends(ExitCode.Usage);
        }

        Assert.Equal(3, (await filled.KeysAsync()).Length);
        (await filled.Tool.RunAsync("dead", "purge", "payments", "--exception", "No", "--first", "3", "--yes")).Ends(ExitCode.Done)
            .Says("No such dead letter");
    }

    [SkippableFact]
    public async Task Edit_of_a_webhook_changes_its_body_and_nothing_else_of_the_message()
    {
        await using var filled = await Filled.StartAsync(fixture.Server);
        // The endpoint has no consumer of webhooks, so it skips them, before the edit and after it.
        await filled.App.SendAsync("payments", new Webhook
        {
            Id = "evt_1",
            Receiver = "stripe",
            EventType = "charge.paid",
            ContentType = "application/json",
            Headers = new Dictionary<string, string> { ["X-Shop"] = "caf\u00e9" },
            Body = "{\"amount\":-1}"u8.ToArray(),
            Tenant = "acme",
        });
        var before = await SkippedAsync(null);
        Assert.Equal("{\"amount\":-1}"u8.ToArray(), before.GetProperty("bodyBase64").GetBytesFromBase64());
        var key = before.GetProperty("key").GetString()!;

        var edit = (await filled.Tool.RunAsync("dead", "edit", "payments_skipped", key, "--body", "{\"amount\":1}", "--yes"))
            .Ends(ExitCode.Done);

        edit.Says("-   \"amount\": -1").Says("+   \"amount\": 1");
        var after = await SkippedAsync(key);
        Assert.Equal("{\"amount\":1}"u8.ToArray(), after.GetProperty("bodyBase64").GetBytesFromBase64());
        foreach (var same in new[] { "receiver", "eventType", "tenant", "webhookId", "messageId", "messageTypes", "contentType" })
            Assert.Equal(before.GetProperty(same).GetRawText(), after.GetProperty(same).GetRawText());
        Assert.Equal("stripe", after.GetProperty("receiver").GetString());
        Assert.Equal("caf\u00e9", after.GetProperty("headers").GetProperty("webhook X-Shop").GetString());

        async Task<JsonElement> SkippedAsync(string? not)
        {
            string? found = null;
            await Eventually.TrueAsync(async () =>
                (found = (await filled.Tool.RunAsync("dead", "list", "payments_skipped")) is { Code: ExitCode.Done } run
                    ? run.Lines.Select(x => x.GetProperty("key").GetString()).SingleOrDefault() : null) is not null && found != not);
            return (await filled.Tool.RunAsync("dead", "show", "payments_skipped", found!)).Ends(ExitCode.Done).Json;
        }
    }

    [SkippableFact]
    public async Task Purge_counts_shows_samples_and_deletes_what_was_meant()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 3);
        var dry = (await filled.Tool.RunAsync("dead", "purge", "payments", "--dry-run")).Ends(ExitCode.Done);
        dry.Says("Purge 3 messages of payments_error").Says("No answer to");
        Assert.Equal(3, (await filled.KeysAsync()).Length);
        (await filled.Tool.RunAsync("dead", "purge", "payments", "--yes")).Ends(ExitCode.Done);
        Assert.Empty(await filled.KeysAsync());
        (await filled.Tool.RunAsync("dead", "purge", "payments", "--yes")).Ends(ExitCode.Done).Says("No such dead letter");
    }

    [SkippableFact]
    public async Task No_byte_of_a_message_commands_the_terminal()
    {
        var evil = "\e[31m\e]0;owned\a \u009b31m \u202egnp \u2028 \u007f \0 \ud800 \r\n fake: line "
            + string.Concat(Enumerable.Repeat("\u200b", 1_000));
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 1, fault: _ => new InvalidOperationException(evil));
        var key = Assert.Single(await filled.KeysAsync());
        filled.Tool.IsTerminal = true;
        filled.Tool.Environment["NO_COLOR"] = "1";
        foreach (var form in new[] { "table", "json", "ndjson" })
        {
            foreach (var verb in new[]
            {
                new[] { "dead", "list", "payments" }, ["dead", "show", "payments", key], ["dead", "show", "payments", key, "--raw"],
                ["dead", "purge", "payments", "--dry-run"], ["messages", "payments_error"],
            })
            {
                var run = (await filled.Tool.RunAsync([.. verb, "-o", form])).Ends(ExitCode.Done);
                AssertHarmless(run.Out);
                AssertHarmless(run.Error);
            }
        }

        var list = await filled.Tool.RunAsync("dead", "list", "payments");
        Assert.Contains("␛[31m", list.Out, StringComparison.Ordinal);
        Assert.Contains("<U+202E>", list.Out, StringComparison.Ordinal);
        Assert.Equal(2, list.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    static void AssertHarmless(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            Assert.False((rune.Value < 0x20 && rune.Value is not ('\n' or '\t')) || rune.Value is >= 0x7F and <= 0x9F
                || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format, $"U+{rune.Value:X4} in: {text}");
        }
    }
}
