using System.Text;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.InspectionTests;

public abstract partial class OperationTests
{
    [SkippableFact]
    public async Task What_was_purged_is_in_the_trash_and_comes_back_to_its_place_and_group()
    {
        await using var desk = await StartAsync(dead: 400);
        var (app, server, operations) = desk;
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        var trash = app.Services.GetRequiredService<IRedisTrash>();
        var before = (await letters.ListAsync(Dead, limit: 1_000)).Entries.Select(x => x.Key).ToArray();
        await GroupedAsync(letters);

        Assert.Equal(400, (await operations.PreviewAsync(Dead, RedisSelection.All)).Restorable);
        var started = await operations.StartPurgeAsync(new RedisPurge(Dead, RedisSelection.All), By);
        var ended = (await operations.RunAsync(started.Id))!;
        Assert.Equal((RedisOperationKind.Purge, RedisOperationState.Done, 400L, 400L),
            (ended.Kind, ended.State, ended.Done, ended.InTrash));
        Assert.Equal(0, (await server.CountAsync(Dead)).Ready);
        Assert.Empty((await letters.ListGroupsAsync(Dead)).Entries);

        var page = await trash.ListAsync(Dead, limit: 1_000);
        Assert.Equal((400L, 400), (page.Total, page.Entries.Count));
        Assert.Equal("number 7", page.Entries.Single(x => x.Letter.Key == before[7]).Letter.FaultMessage);
        var one = (await trash.GetAsync(Dead, before[7]))!;
        Assert.Equal(("number 7", page.Entries.Single(x => x.Letter.Key == before[7]).DeletedAt),
            (one.Letter.FaultMessage, one.DeletedAt));
        Assert.Equal(400, await trash.RestoreAsync(Dead, before, By));
        Assert.Equal(before, (await letters.ListAsync(Dead, limit: 1_000)).Entries.Select(x => x.Key));
        Assert.Equal([320L, 80L], (await letters.ListGroupsAsync(Dead)).Entries.Select(x => x.Count));
        Assert.Equal(0, (await trash.ListAsync(Dead)).Total);
        Assert.Equal(0, await trash.RestoreAsync(Dead, before[..3], By));
        Assert.Null(await trash.GetAsync(Dead, before[7]));
        await Assert.ThrowsAsync<ArgumentException>(() => trash.GetAsync(Dead, "x"));

        Assert.Equal(new RedisDiscarded(2, 2), await trash.DiscardAsync(Dead, before[..2], By));
        Assert.Equal(2, (await trash.ListAsync(Dead)).Total);
        Assert.Equal(["purge", "restore", "restore", "purge"],
            (await Services(app).Audit.ListAsync(queue: Dead)).Entries.Select(x => x.Action));
    }

    [SkippableFact]
    public async Task An_edited_dead_letter_is_consumed_once_and_the_original_is_in_the_trash()
    {
        var received = new Inbox<(int Number, Guid? Id, string? By, string? Tenant)>();
        await using var desk = await StartAsync(x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint(Queue, e => e.Handler<Ping>(context =>
        {
            if (context.Message.Number < 0)
                throw new InvalidOperationException("below zero");
            received.Add((context.Message.Number, context.MessageId, context.ReceiveContext.TransportHeaders.Get<string>("MT-Edited-By"),
                context.ReceiveContext.TransportHeaders.Get<string>("tenant")));
            return Task.CompletedTask;
        })));
        var (app, server, operations) = desk;
        Assert.Empty(await operations.ListAsync());
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        await app.SendAsync(Queue, new Ping(-1));
        await Eventually.TrueAsync(async () => (await server.CountAsync(Dead)).Ready == 1);
        var letter = Assert.Single((await letters.ListAsync(Dead)).Entries);
        var edit = new RedisEdit
        {
            Message = "{ \"number\": 41 }",
            Priority = 9,
            Headers = new Dictionary<string, string?> { ["tenant"] = "acme" },
        };

        var outcomes = await Task.WhenAll(letters.EditAndReplayAsync(Dead, letter.Key, edit, By),
            letters.EditAndReplayAsync(Dead, letter.Key, edit with { Message = "{\"number\":42}" }, By));

        Assert.Equal([RedisEditOutcome.Replayed, RedisEditOutcome.Gone], outcomes.Order());
        await received.WaitAsync(1);
        await server.EmptyAsync(Queue);
        var (number, id, by, tenant) = Assert.Single(received.Items);
        Assert.Equal((outcomes[0] == RedisEditOutcome.Replayed ? 41 : 42, letter.MessageId, "ops@web1", "acme"), (number, id, by, tenant));
        var trashed = Assert.Single((await app.Services.GetRequiredService<IRedisTrash>().ListAsync(Dead)).Entries);
        Assert.Equal(letter.Body.ToArray(), trashed.Letter.Body.ToArray());
        Assert.Equal(RedisEditOutcome.Gone, await letters.EditAndReplayAsync(Dead, letter.Key, edit, By));
        await Assert.ThrowsAsync<ArgumentException>(() => letters.EditAndReplayAsync(Dead, letter.Key, new() { Message = "{" }, By));
        await Assert.ThrowsAsync<ArgumentException>(() => letters.EditAndReplayAsync(Dead, letter.Key,
            new() { Headers = new Dictionary<string, string?> { ["MT-Fault-Message"] = "x" } }, By));
    }

    [SkippableFact]
    public async Task A_note_is_seen_by_all_and_goes_with_its_group()
    {
        await using var desk = await StartAsync(dead: 1);
        var (app, server, _) = desk;
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        await GroupedAsync(letters);
        var group = Assert.Single((await letters.ListGroupsAsync(Dead)).Entries).Id;

        await letters.SetNoteAsync(Dead, group, new RedisFailureNote("known, PAY-123") { Link = "https://issues.example/PAY-123" }, By);

        var note = Assert.Single((await letters.ListGroupsAsync(Dead)).Entries).Note!;
        Assert.Equal(("known, PAY-123", "https://issues.example/PAY-123", "ops@web1"), (note.Text, note.Link, note.By));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            letters.SetNoteAsync(Dead, group, new RedisFailureNote("x") { Link = "javascript:alert(1)" }, By));
        await letters.SetNoteAsync(Dead, group, null, By);
        Assert.Null(Assert.Single((await letters.ListGroupsAsync(Dead)).Entries).Note);
        await letters.PurgeAllAsync(Dead);
        await Assert.ThrowsAsync<RedisConflictException>(() => letters.SetNoteAsync(Dead, group, new RedisFailureNote("late"), By));
    }

    [SkippableFact]
    public async Task What_cannot_be_written_to_the_audit_is_not_done()
    {
        await using var desk = await StartAsync(dead: 3);
        var (app, server, operations) = desk;
        await server.Database.KeyDeleteAsync(server.Layout.Audit);
        await server.Database.StringSetAsync(server.Layout.Audit, "foreign");
        var key = (await app.Services.GetRequiredService<IRedisDeadLetters>().ListAsync(Dead)).Entries[0].Key;

        await Assert.ThrowsAsync<RedisTransportException>(() => operations.StartReplayAsync(Fast, By));
        await Assert.ThrowsAsync<RedisTransportException>(() =>
            app.Services.GetRequiredService<IRedisTrash>().DiscardAsync(Dead, [key], By));
        await Assert.ThrowsAsync<RedisTransportException>(() =>
            app.Services.GetRequiredService<IRedisDeadLetters>().EditAndReplayAsync(Dead, key, new() { Priority = 3 }, By));

        Assert.Empty(await operations.ListAsync());
        Assert.Equal((0L, 3L), ((await server.CountAsync(Queue)).Ready, (await server.CountAsync(Dead)).Ready));
    }

    [SkippableFact]
    public async Task A_text_is_found_in_headers_and_bodies_also_within_Base64()
    {
        await using var desk = await StartAsync();
        var (app, server, operations) = desk;
        foreach (var prefix in (string[])["", "a", "ab"])
        {
            await server.Engine.Queue(Dead).SendAsync(new OutgoingMessage(new MessageRecord
            {
                ContentType = "application/json",
                Body = Encoding.UTF8.GetBytes(
                    $$"""{"receiver":"github","n":1.50,"body":"{{Base64(prefix + "order-4711 is late")}}"}"""),
            }.Pack()));
        }

        await DeadLetterTests.FillAsync(server, Dead, 0, 5);
        async Task<long> CountAsync(RedisDeadLetterFilter filter) =>
            (await operations.PreviewAsync(Dead, RedisSelection.Where(filter))).Count;

        Assert.Equal(3, await CountAsync(new() { Text = "order-4711" }));
        Assert.Equal(0, await CountAsync(new() { Text = "order-4712" }));
        Assert.Equal(1, await CountAsync(new() { Text = "number 3" }));
        Assert.Equal(3,
            await CountAsync(new() { Properties = new Dictionary<string, string> { ["Receiver"] = "github", ["n"] = "1.50" } }));
        Assert.Equal(0, await CountAsync(new() { Properties = new Dictionary<string, string> { ["receiver"] = "stripe" } }));
        Assert.Throws<ArgumentException>(() => RedisSelection.Where(new() { Predicate = _ => true }));
    }
}
