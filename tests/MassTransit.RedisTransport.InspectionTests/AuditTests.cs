using System.Text;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.InspectionTests;

public sealed class Audit_on_Redis(AnyRedis server) : AuditTests(server), IClassFixture<AnyRedis>;

public sealed class Audit_on_the_embedded_server(SharedEmbedded server) : AuditTests(server), IClassFixture<SharedEmbedded>;

public sealed class Audit_on_a_cluster(SharedCluster server) : AuditTests(server), IClassFixture<SharedCluster>;

/// <summary>What operators have done is kept, in order and whole, whatever stands in it.</summary>
public abstract class AuditTests(SharedServerFixture fixture)
{
    [SkippableFact]
    public async Task An_entry_is_read_as_it_was_recorded_with_the_time_of_the_server()
    {
        await using var administration = Connect(out _);
        var entry = new RedisAuditEntry
        {
            User = "ops",
            IsProven = true,
            Address = "10.0.0.7",
            Action = RedisAuditActions.Purge,
            Queue = "orders_error",
            Selection = "group 0123",
            Count = 12,
            Reason = "PAY-123",
            TraceId = new string('a', 32),
        };
        var before = await TimeAsync();
        var recorded = await administration.Audit.RecordAsync(entry);
        var after = await TimeAsync();

        var listed = Assert.Single((await administration.Audit.ListAsync()).Entries);
        Assert.Equal(recorded, listed);
        Assert.Equal(entry with { Id = listed.Id, At = listed.At }, listed);
        Assert.InRange(listed.At, before, after);
    }

    [SkippableFact]
    public async Task Pages_show_every_entry_once_with_the_newest_first_also_if_others_are_added_meanwhile()
    {
        await using var administration = Connect(out _);
        for (var i = 0; i < 25; i++)
            await administration.Audit.RecordAsync(Entry($"{i}", i % 2 == 0 ? "even" : "odd"));

        var seen = new List<string?>();
        for (string? next = null; ;)
        {
            var page = await administration.Audit.ListAsync(4, next);
            seen.AddRange(page.Entries.Select(x => x.Selection));
            await administration.Audit.RecordAsync(Entry("later", "even"));
            if ((next = page.Next) is null)
                break;
        }

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(x => $"{x}"), seen);
        Assert.Equal(12, (await administration.Audit.ListAsync(queue: "odd")).Entries.Count);
    }

    [SkippableFact]
    public async Task An_act_that_has_begun_is_one_entry_before_and_after_its_end()
    {
        await using var administration = Connect(out _);
        var begun = await administration.Audit.RecordAsync(Entry("all", "orders") with { Outcome = RedisAuditOutcome.Started });
        await administration.Audit.RecordAsync(Entry("other", "orders"));
        Assert.Equal(RedisAuditOutcome.Started, (await administration.Audit.ListAsync()).Entries[1].Outcome);

        var done = await administration.Audit.CompleteAsync(begun, RedisAuditOutcome.Failed, 250);
        // As after a lost reply.
        await administration.Audit.CompleteAsync(begun, RedisAuditOutcome.Failed, 250);

        var entries = (await administration.Audit.ListAsync()).Entries;
        Assert.Equal(["other", "all"], entries.Select(x => x.Selection));
        Assert.Equal(done, entries[1]);
        Assert.Equal(begun with { Outcome = RedisAuditOutcome.Failed, Count = 250 }, entries[1]);
    }

    [SkippableFact]
    public async Task An_act_is_recorded_before_it_is_done_and_with_how_it_ended()
    {
        await using var administration = Connect(out _);
        var audit = administration.Audit;
        Assert.Equal(7, await audit.RunAsync(Entry("first", "orders"), async () =>
        {
            Assert.Equal(RedisAuditOutcome.Started, Assert.Single((await audit.ListAsync()).Entries).Outcome);
            return 7;
        }, x => x));
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            audit.RunAsync<int>(Entry("second", "orders"), () => throw new InvalidOperationException()));

        Assert.Equal([("second", RedisAuditOutcome.Failed, null), ("first", RedisAuditOutcome.Done, 7L)],
            (await audit.ListAsync()).Entries.Select(x => (x.Selection, x.Outcome, x.Count)));
    }

    [SkippableFact]
    public async Task An_act_that_cannot_be_recorded_is_not_done()
    {
        await using var administration = Connect(out var prefix);
        await using var connection = await fixture.Server.ConnectAsync();
        await connection.GetDatabase().StringSetAsync($"{prefix}:mt:audit", "foreign");
        var done = false;

        await Assert.ThrowsAsync<RedisTransportException>(() => administration.Audit.RunAsync(Entry("all", "orders"),
            () => Task.FromResult(done = true)));
        Assert.False(done);
    }

    [SkippableFact]
    public async Task An_act_whose_end_cannot_be_recorded_is_done_and_stays_as_started()
    {
        using var log = new CapturedLog();
        await using var administration = Connect(out var prefix, log.CreateLogger("audit"));
        await using var connection = await fixture.Server.ConnectAsync();
        RedisKey audit = $"{prefix}:mt:audit";
        RedisValue stored = default;

        Assert.Equal(3, await administration.Audit.RunAsync(Entry("all", "orders"), async () =>
        {
            stored = Assert.Single(await connection.GetDatabase().SortedSetRangeByRankAsync(audit));
            await connection.GetDatabase().KeyDeleteAsync(audit);
            await connection.GetDatabase().StringSetAsync(audit, "foreign");
            return 3;
        }));
        Assert.Contains("\"outcome\":\"Started\"", stored.ToString(), StringComparison.Ordinal);
        Assert.True(log.Contains("could not be written to the audit", LogLevel.Warning));
    }

    [SkippableFact]
    public async Task Hostile_texts_come_back_as_typed_and_make_one_line_of_the_log()
    {
        using var log = new CapturedLog();
        await using var administration = Connect(out _, log.CreateLogger("audit"));
        const string Text = "ops\r\nERROR forged\u001b[2J\u202e\0 </script> \"'{{7*7}}";
        await administration.Audit.RecordAsync(Entry(Text, "orders") with { User = Text, Reason = Text + "\ud800" });

        var entry = Assert.Single((await administration.Audit.ListAsync()).Entries);
        Assert.Equal((Text, Text, Text + "\ufffd"), (entry.User, entry.Selection, entry.Reason));
        var line = Assert.Single(log.Entries, x => x.Text.Contains("did 'purge'", StringComparison.Ordinal)).Text;
        Assert.DoesNotContain(line, char.IsControl);
        Assert.DoesNotContain('\u202e', line);
        Assert.Contains("ops\ufffd\ufffdERROR", line, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_others_have_written_there_is_passed_over()
    {
        await using var administration = Connect(out var prefix);
        await using var connection = await fixture.Server.ConnectAsync();
        RedisKey audit = $"{prefix}:mt:audit";
        (string, double)[] foreign =
        [
            ("no json", 1), ("{\"user\":1}", double.PositiveInfinity), ("[]", -1), ("{\"id\":\"\\ud800\"}", 5),
        ];
        foreach (var (text, score) in foreign)
            await connection.GetDatabase().SortedSetAddAsync(audit, Encoding.UTF8.GetBytes(text), score);
        await administration.Audit.RecordAsync(Entry("mine", "orders"));

        Assert.Equal("mine", Assert.Single((await administration.Audit.ListAsync()).Entries).Selection);
    }

    [SkippableFact]
    public async Task The_oldest_entries_make_room_for_new_ones()
    {
        await using var administration = Connect(out var prefix);
        await using var connection = await fixture.Server.ConnectAsync();
        RedisKey audit = $"{prefix}:mt:audit";
        await connection.GetDatabase().SortedSetAddAsync(audit,
            [.. Enumerable.Range(0, 10_000).Select(x => new SortedSetEntry($"{{\"id\":\"{x:d5}\",\"user\":\"u\",\"action\":\"a\"}}", x))]);

        await administration.Audit.RecordAsync(Entry("newest", "orders"));

        Assert.Equal(10_000, await connection.GetDatabase().SortedSetLengthAsync(audit));
        Assert.Equal("00001", (await connection.GetDatabase().SortedSetRangeByRankAsync(audit, 0, 0))[0].ToString()[7..12]);
        Assert.Equal("newest", (await administration.Audit.ListAsync(1)).Entries[0].Selection);
    }

    [SkippableFact]
    public async Task Texts_that_are_too_long_and_cursors_of_something_else_are_refused_and_nothing_is_stored()
    {
        await using var administration = Connect(out _);
        var audit = administration.Audit;
        await Assert.ThrowsAsync<ArgumentException>(() => audit.RecordAsync(Entry("", "q") with { User = new string('u', 201) }));
        await Assert.ThrowsAsync<ArgumentException>(() => audit.RecordAsync(Entry("", "q") with { Reason = new string('r', 501) }));
        await Assert.ThrowsAsync<ArgumentException>(() => audit.RecordAsync(Entry("", "q") with { User = " " }));
        await Assert.ThrowsAsync<ArgumentException>(() => audit.CompleteAsync(Entry("", "q"), RedisAuditOutcome.Done));
        foreach (var cursor in (string[])["", "/", "x/1", "-1/2", "1e3/2", new string('1', 100_000)])
            await Assert.ThrowsAsync<ArgumentException>(() => audit.ListAsync(before: cursor));
        foreach (var limit in (int[])[-1, 0, 1_001, int.MaxValue])
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => audit.ListAsync(limit));
        Assert.Empty((await audit.ListAsync()).Entries);
    }

    static RedisAuditEntry Entry(string selection, string queue) =>
        new() { User = "ops", Action = RedisAuditActions.Purge, Queue = queue, Selection = selection };

    RedisAdministration Connect(out string prefix, ILogger? logger = null)
    {
        fixture.Server.SkipIfUnavailable();
        prefix = TestNames.Unique("audit");
        return RedisAdministration.Connect(fixture.Server.ConnectionString, prefix, logger: logger);
    }

    async Task<DateTimeOffset> TimeAsync()
    {
        await using var connection = await fixture.Server.ConnectAsync();
        return new DateTimeOffset(await connection.GetServers().First(x => x.IsConnected).TimeAsync(), TimeSpan.Zero);
    }
}
