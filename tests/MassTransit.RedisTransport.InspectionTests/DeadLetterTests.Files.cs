using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.InspectionTests;

/// <summary>Dead letters that leave in a file and come back, and those that have just come.</summary>
public abstract partial class DeadLetterTests
{
    static readonly RedisActor By = new("ops@web1", "moved");

    static IEnumerable<(string, string)> Whole(IEnumerable<RedisDeadLetter> letters) =>
        letters.Select(x => (x.Key, Convert.ToHexString(x.Record.Span)));

    static IAsyncEnumerable<RedisExportedLetter> Exported(IEnumerable<RedisDeadLetter> letters) =>
        letters.Select(x => new RedisExportedLetter(x.Key, x.Record)).ToAsyncEnumerable();

    [SkippableFact]
    public async Task Exported_letters_come_back_as_they_were_once_and_a_replay_takes_them()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync();
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await FillAsync(server, Queue, 0, 1);
        await FillAsync(server, Dead, 0, 600);
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        var exported = (await letters.ListAsync(Dead, limit: 1_000)).Entries;
        var told = new List<RedisImportProgress>();
        await letters.PurgeAllAsync(Dead);

        var done = await letters.ImportAsync(Dead, Exported(exported), By, "letters.ndjson", new Told(told.Add));

        Assert.Equal(new RedisImportProgress(600, 600, 0), done);
        Assert.Equal([250, 500, 600], told.Select(x => x.Letters));
        var restored = (await letters.ListAsync(Dead, limit: 1_000)).Entries;
        Assert.Equal(Whole(exported), Whole(restored));
        Assert.Equal(exported.Select(x => x.DeadSince), restored.Select(x => x.DeadSince));
        Assert.Equal(600, (await letters.ListGroupsAsync(Dead)).Entries.Sum(x => x.Count));
        Assert.Equal(new RedisImportProgress(600, 0, 600), await letters.ImportAsync(Dead, Exported(exported), By));
        Assert.Equal(600, await letters.ReplayAllAsync(Dead));

        var audit = (await app.Services.GetRequiredService<IRedisAudit>().ListAsync(queue: Dead)).Entries;
        Assert.Equal([("import", 0L, null), ("import", 600L, "letters.ndjson")], audit.Select(x => (x.Action, x.Count ?? -1, x.Selection)));
        Assert.All(audit, x => Assert.Equal(("ops@web1", "moved", RedisAuditOutcome.Done), (x.User, x.Reason, x.Outcome)));
    }

    [SkippableFact]
    public async Task Import_that_ends_early_has_put_in_what_it_says()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync();
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await FillAsync(server, Dead, 0, 600);
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        var exported = (await letters.ListAsync(Dead, limit: 1_000)).Entries;
        await letters.PurgeAllAsync(Dead);
        using var cancel = new CancellationTokenSource();
        var last = new RedisImportProgress(0, 0, 0);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => letters.ImportAsync(Dead, Exported(exported), By,
            progress: new Told(x =>
            {
                last = x;
                if (x.Letters == 500)
                    cancel.Cancel();
            }), cancellationToken: cancel.Token));
        Assert.Equal(new RedisImportProgress(500, 500, 0), last);
        Assert.Equal(500, (await letters.ListAsync(Dead, limit: 1_000)).Entries.Count);
        Assert.Equal((RedisAuditOutcome.Failed, 500L), Assert.Single((await app.Services.GetRequiredService<IRedisAudit>().ListAsync(
            queue: Dead)).Entries) is var entry ? (entry.Outcome, entry.Count ?? -1) : default);

        Assert.Equal(new RedisImportProgress(100, 100, 0), await letters.ImportAsync(Dead, Exported(exported.Skip(500)), By));
        Assert.Equal(Whole(exported), Whole((await letters.ListAsync(Dead, limit: 1_000)).Entries));

        var future = new RedisExportedLetter("00" + new string('f', 13) + "0000000", exported[0].Record);
        await Assert.ThrowsAsync<ArgumentException>(() => letters.ImportAsync(Dead, new[] { future }.ToAsyncEnumerable(), By));
        Assert.Throws<ArgumentException>(() => new RedisExportedLetter(exported[0].Key.ToUpperInvariant() + " ", exported[0].Record));
        Assert.Throws<ArgumentException>(() => new RedisExportedLetter(exported[0].Key, default));
        await Assert.ThrowsAsync<RedisQueueNotFoundException>(() => letters.ImportAsync("none_error", Exported(exported), By));
        Assert.Equal(600, (await letters.ListAsync(Dead, limit: 1_000)).Entries.Count);
    }

    [SkippableFact]
    public async Task New_letters_are_told_once_and_of_many_only_the_newest()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync();
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await FillAsync(server, Queue, 0, 1);
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        var none = await letters.ListNewAsync(Dead);
        await FillAsync(server, Dead, 0, 3);
        Assert.Equal(["0", "1", "2"], (await letters.ListNewAsync(Dead, none.Next)).Entries.Select(Text));
        Assert.Equal(["0", "1", "2"], (await letters.ListNewAsync(Dead, "0")).Entries.Select(Text));
        var begin = await letters.ListNewAsync(Dead);
        Assert.Equal((0, 0L), (begin.Entries.Count, begin.Skipped));

        var (seen, skipped, next) = (new List<string>(), 0L, begin.Next);
        for (var round = 0; round < 5; round++)
        {
            await FillAsync(server, Dead, 100 * (round + 1), 30);
            var news = await letters.ListNewAsync(Dead, next, limit: 20);
            seen.AddRange(news.Entries.Select(Text));
            skipped += news.Skipped;
            next = news.Next;
            // What goes and what comes back is nothing new.
            await letters.PurgeAsync(Dead, [news.Entries[^1].Key]);
            await letters.ImportAsync(Dead, Exported([news.Entries[^1]]), By);
        }

        Assert.Equal(Enumerable.Range(1, 5).SelectMany(x => Enumerable.Range((100 * x) + 10, 20)).Select(x => $"{x}"), seen);
        Assert.Equal(50, skipped);
        await Assert.ThrowsAsync<ArgumentException>(() => letters.ListNewAsync(Dead, "yesterday"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => letters.ListNewAsync(Dead, next, 0));
        await Assert.ThrowsAsync<RedisQueueNotFoundException>(() => letters.ListNewAsync("none_error"));
    }

    [SkippableFact]
    public async Task Of_long_letters_so_many_are_read_as_fit()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync();
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        for (var i = 0; i < 12; i++)
            await server.Engine.Queue(Dead).SendAsync(new(new byte[1_000_000]));
        var news = await app.Services.GetRequiredService<IRedisDeadLetters>().ListNewAsync(Dead, "0");
        Assert.Equal(12, news.Entries.Count + news.Skipped);
        Assert.InRange(news.Entries.Count, 4, 6);
    }

    sealed class Told(Action<RedisImportProgress> tell) : IProgress<RedisImportProgress>
    {
        public void Report(RedisImportProgress value) => tell(value);
    }
}
