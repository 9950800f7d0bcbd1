using System.Text;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Scripts;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.InspectionTests;

public sealed class OnRedis(AnyRedis server) : DeadLetterTests(server), IClassFixture<AnyRedis>;

public sealed class OnEmbedded(SharedEmbedded server) : DeadLetterTests(server), IClassFixture<SharedEmbedded>;

public sealed class OnCluster(SharedCluster server) : DeadLetterTests(server), IClassFixture<SharedCluster>;

/// <summary>What an operator does with dead letters, on each kind of server.</summary>
public abstract partial class DeadLetterTests(SharedServerFixture fixture)
{
    const string Queue = "orders";
    const string Dead = "orders_error";

    [SkippableFact]
    public async Task Failed_message_is_replayed_as_it_was_sent()
    {
        fixture.Server.SkipIfUnavailable();
        var failing = true;
        var received = new Inbox<(int Number, int Redelivered, bool Again, byte? Priority, Guid? Id, object? Header, object? Replays)>();
        await using var app = await StartAsync(x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint(Queue, e =>
        {
            e.UseDelayedRedelivery(r => r.Interval(1, TimeSpan.FromMilliseconds(50)));
            e.UseMessageRetry(r => r.Immediate(1));
            e.Handler<Ping>(context =>
            {
                if (Volatile.Read(ref failing))
                    throw new InvalidOperationException("card refused");
                received.Add(
                    (context.Message.Number, context.GetRedeliveryCount(), context.ReceiveContext.Redelivered, context.GetPriority(),
                    context.MessageId, context.Headers.Get<string>("tenant"),
                    context.ReceiveContext.TransportHeaders.Get<int>("MT-Replay-Count", 0)));
                return Task.CompletedTask;
            });
        }));
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        await app.SendAsync(Queue, new Ping(7), x =>
        {
            x.SetPriority(9);
            x.Headers.Set("tenant", "acme");
        });
        await Eventually.TrueAsync(async () => (await letters.ListAsync(Dead)).Entries.Count == 1);

        var letter = Assert.Single((await letters.ListAsync(Dead)).Entries);
        Assert.Equal((true, Queue, (byte)9, "System.InvalidOperationException", "card refused", "fault"),
            (letter.IsReadable, letter.OriginalQueue, letter.Priority, letter.ExceptionType, letter.FaultMessage, letter.Reason));
        Assert.Equal((1, 1, 1), (letter.RetryCount, letter.RedeliveryCount, letter.DeliveryCount));
        Assert.True(letter.FirstFailedAt < letter.LastFailedAt);
        Assert.Contains("DeadLetterTests", letter.StackTrace, StringComparison.Ordinal);
        Assert.Contains(letter.MessageTypes, x => x.EndsWith(":Ping", StringComparison.Ordinal));
        Assert.Equal(letter.Body.ToArray(), (await letters.GetAsync(Dead, letter.Key))!.Body.ToArray());

        Volatile.Write(ref failing, false);
        Assert.Equal(1, await letters.ReplayAsync(Dead, [letter.Key]));
        await received.WaitAsync(1);
        Assert.Equal((7, 0, false, (byte?)9, letter.MessageId, "acme", 1), Assert.Single(received.Items));
        Assert.Null(await letters.GetAsync(Dead, letter.Key));
        Assert.Equal(0, await letters.ReplayAsync(Dead, [letter.Key]));
    }

    [SkippableFact]
    public async Task What_fails_again_during_a_replay_is_not_replayed_for_ever()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync(x => x.Bus = (_, cfg) =>
            cfg.ReceiveEndpoint(Queue, e => e.Handler<Ping>(_ => throw new InvalidOperationException("no"))));
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => app.SendAsync(Queue, new Ping(i))));
        await Eventually.TrueAsync(async () => (await app.Services.GetRequiredService<IRedisQueues>().GetAsync(Queue)).DeadLetters == 600);

        Assert.Equal(600, await letters.ReplayAllAsync(Dead));
        await Eventually.TrueAsync(async () =>
            (await letters.ListAsync(Dead, new() { Predicate = x => x.ReplayCount == 1 }, 1_000)).Entries.Count == 600);
        Assert.All((await letters.ListAsync(Dead, limit: 1_000)).Entries, x => Assert.Equal(Dead, x.ReplayedFrom));
    }

    [SkippableFact]
    public async Task Paging_sees_each_once_while_others_are_replayed_and_added()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync();
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await FillAsync(server, Dead, 0, 100);
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();

        var seen = new List<string>();
        for (string? next = null; ;)
        {
            var page = await letters.ListAsync(Dead, limit: 7, after: next);
            seen.AddRange(page.Entries.Select(Text));
            await letters.ReplayAsync(Dead, [.. page.Entries.Take(3).Select(x => x.Key)]);
            if (seen.Count == 14)
                await FillAsync(server, Dead, 100, 20);
            if ((next = page.Next) is null)
                break;
        }

        Assert.Equal(Enumerable.Range(0, 120).Select(i => $"{i}"), seen);
    }

    [SkippableFact]
    public async Task Five_thousand_are_filtered_replayed_and_purged()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync();
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await FillAsync(server, Dead, 0, 5_000);
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();

        Assert.Equal(1_000, (await letters.ListAsync(Dead, new() { ExceptionType = "TimeoutException" }, 1_000)).Entries.Count);
        Assert.Equal(10,
            (await letters.ListAsync(Dead, new() { FaultMessage = "NUMBER 499" }, 1_000)).Entries.Count(x => Text(x).Length == 4));
        Assert.Equal("42", Text(
            Assert.Single((await letters.ListAsync(Dead, new() { Headers = new Dictionary<string, string> { ["n"] = "42" } })).Entries)));
        Assert.Equal(100,
            (await letters.ListAsync(Dead, new() { MessageType = "Shop.Paid", YoungerThan = TimeSpan.FromHours(1) })).Entries.Count);
        Assert.Empty((await letters.ListAsync(Dead, new() { OlderThan = TimeSpan.FromHours(1) })).Entries);
        Assert.Empty((await letters.ListAsync(Dead, new() { MessageType = "Other" })).Entries);

        Assert.Equal(1_000, await letters.PurgeAsync(Dead, new RedisDeadLetterFilter { ExceptionType = "System.TimeoutException" }));
        Assert.Equal(2_000, await letters.ReplayAsync(Dead, new RedisDeadLetterFilter { Predicate = x => int.Parse(Text(x)) < 2_500 }));
        Assert.Equal(2_000, await letters.ReplayAllAsync(Dead));
        var info = await app.Services.GetRequiredService<IRedisQueues>().GetAsync(Queue);
        Assert.Equal((4_000L, 0L), (info.Ready, info.DeadLetters));
        await FillAsync(server, "orders_skipped", 0, 300);
        Assert.Equal(300, await letters.PurgeAllAsync("orders_skipped"));
    }

    [SkippableFact]
    public async Task A_text_is_found_among_all_and_a_page_says_how_far_it_has_looked()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync();
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await FillAsync(server, Dead, 0, 2_000);
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();

        var page = await letters.ListAsync(Dead, new() { Text = "number 1234" });
        Assert.Equal(("1234", 2_000L, 2_000L, null), (Text(Assert.Single(page.Entries)), page.Looked, page.Queued, page.Next));

        // A number in a header is found as it is written out.
        var seen = new List<string>();
        var looked = new List<long>();
        for (page = null; page is null or { Next: not null };)
        {
            page = await letters.ListAsync(Dead, new() { Text = "12", ExceptionType = "System.TimeoutException" }, 7, page?.Next);
            seen.AddRange(page.Entries.Select(Text));
            looked.Add(page.Looked);
        }

        Assert.Equal(Enumerable.Range(0, 400).Select(x => $"{5 * x}").Where(x => x.Contains("12", StringComparison.Ordinal)), seen);
        Assert.Equal(looked.Order(), looked);
        Assert.Equal(2_000, looked[^1]);
        Assert.True(looked.Count > 1);

        page = await letters.ListAsync(Dead, limit: 100);
        page = await letters.ListAsync(Dead, limit: 100, after: page.Next);
        Assert.Equal((200L, 2_000L), (page.Looked, page.Queued));
        // A cursor of a version before this carries no count.
        Assert.Equal(100,
            (await letters.ListAsync(Dead, limit: 100, after: page.Next!.Replace("@200", "", StringComparison.Ordinal))).Looked);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            letters.ListAsync(Dead, after: page.Next.Replace("@200", "@-1", StringComparison.Ordinal)));
        Assert.Equal(11, await letters.PurgeAsync(Dead, new RedisDeadLetterFilter { Text = "number 123" }));
        Assert.Equal(1, await letters.ReplayAsync(Dead, new RedisDeadLetterFilter { Text = "number 1999" }));
    }

    [SkippableFact]
    public async Task Replay_that_is_cancelled_half_way_is_done_by_the_next()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync();
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await FillAsync(server, Dead, 0, 1_000);
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        using var cancel = new CancellationTokenSource();

        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => letters.ReplayAsync(Dead, new RedisDeadLetterFilter
        {
            Predicate = _ =>
            {
                if (++seen == 600)
                    cancel.Cancel();
                return true;
            },
        }, cancel.Token));
        // The step that was under way when it was cancelled is not waited for.
        await Eventually.EqualAsync(1_000L, async () => (await server.CountAsync(Dead)).Ready + (await server.CountAsync(Queue)).Ready,
            message: "every message is in one of the queues");
        var counts = await server.CountAsync(Dead);
        Assert.InRange(counts.Ready, 1, 999);
        // It may also come to its end only now, and then leaves fewer.
        Assert.InRange(await letters.ReplayAllAsync(Dead), 1, counts.Ready);
        Assert.Equal(0, (await server.CountAsync(Dead)).Ready);
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"{i}").Order(),
            (await server.ReadAsync(Queue)).Select(x => Encoding.UTF8.GetString(x.Record.Body.Span)).Order());
    }

    [SkippableFact]
    public async Task Damaged_record_is_listed_and_replayed_byte_for_byte()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync();
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        byte[] damaged = [9, 0, 255, 1, 2];
        await server.Engine.Queue("orders_skipped").SendAsync(new OutgoingMessage(damaged, 3));
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();

        var letter = Assert.Single((await letters.ListAsync("orders_skipped")).Entries);
        Assert.False(letter.IsReadable);
        Assert.Equal((damaged.Length, (byte)3), (letter.Body.Length, letter.Priority));
        Assert.Equal(1, await letters.ReplayAllAsync("orders_skipped"));
        Assert.Equal(damaged, Assert.Single(await server.Engine.Queue(Queue).PeekAsync(MessageState.Ready, 0, 10)).Record!.Value.ToArray());
    }

    [SkippableFact]
    public async Task Bad_input_names_the_cure()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await StartAsync();
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await FillAsync(server, Queue, 0, 1);
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        var queues = app.Services.GetRequiredService<IRedisQueues>();

        Assert.Contains("orders_error", (await Assert.ThrowsAsync<ArgumentException>(() => letters.ListAsync(Queue))).Message,
            StringComparison.Ordinal);
        Assert.Contains("ListAsync", (await Assert.ThrowsAsync<RedisQueueNotFoundException>(() =>
            letters.ReplayAllAsync("none_error"))).Message, StringComparison.Ordinal);
        Assert.Contains("Key", (await Assert.ThrowsAsync<ArgumentException>(() => letters.ReplayAsync(Dead, ["x"]))).Message,
            StringComparison.Ordinal);
        Assert.Contains("Next", (await Assert.ThrowsAsync<ArgumentException>(() => letters.ListAsync(Dead, after: "x"))).Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<RedisQueueNotFoundException>(() => queues.GetAsync("none"));
        Assert.Empty((await letters.ListAsync(Dead)).Entries);

        // A queue is put on the list after its first message is confirmed, not before.
        await Eventually.EqualAsync(Queue, async () => string.Join(' ', (await queues.ListAsync()).Select(x => x.Name)),
            message: "the list");
        Assert.Equal("0", Encoding.UTF8.GetString(Assert.Single(await queues.PeekAsync(Queue)).Body.Span));
        Assert.Equal(1, await queues.PurgeAsync(Queue));
        await queues.DeleteAsync(Queue);
        Assert.Empty(await queues.ListAsync());
    }

    static string Text(RedisDeadLetter letter) => Encoding.UTF8.GetString(letter.Body.Span);

    internal static async Task FillAsync(ServerSide server, string queue, int first, int count)
    {
        for (var i = first; i < first + count; i += 500)
        {
            await Task.WhenAll(Enumerable.Range(i, Math.Min(500, first + count - i))
                .Select(n => server.Engine.Queue(queue).SendAsync(new OutgoingMessage(new MessageRecord
                {
                    MessageId = Guid.NewGuid(),
                    ContentType = "text/plain",
                    Headers =
                [
                    new("n", n), new("MT-MessageType", "urn:message:Shop:Paid"), new("MT-Fault-Message", $"number {n}"),
                    new("MT-Fault-ExceptionType", n % 5 == 0 ? "System.TimeoutException" : "System.IO.IOException"),
                ],
                    Body = Encoding.UTF8.GetBytes($"{n}"),
                }.Pack()))));
        }
    }

    Task<TestApp> StartAsync(Action<TestAppOptions>? configure = null) => TestApp.StartAsync(fixture.Server, x =>
    {
        x.Register = r => r.AddRedisQueues();
        configure?.Invoke(x);
    });
}

public sealed class LostReplyTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Replay_whose_reply_is_lost_moves_each_once_and_counts_all()
    {
        await using var proxy =
            await FaultProxy.ListenAsync(((System.Net.IPEndPoint)redis.Server.ConfigurationOptions.EndPoints[0]).ToString());
        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Register = r => r.AddRedisQueues();
            x.Host = h => h.ConfigureConnection(o =>
            {
                o.EndPoints.Clear();
                o.EndPoints.Add("127.0.0.1", proxy.Port);
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        await DeadLetterTests.FillAsync(server, "orders_error", 0, 600);
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        await letters.ListAsync("orders_error");

        var hash = ScriptCatalog.Requeue.Hash;
        var lost = proxy.DropReplies(request => request.IndexOf(hash) >= 0
            || request.IndexOf(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash))) >= 0);
        Assert.Equal(600, await letters.ReplayAllAsync("orders_error"));
        await Eventually.CompletesAsync(lost);
        Assert.Equal((600L, 0L), ((await server.CountAsync("orders")).Ready, (await server.CountAsync("orders_error")).Ready));
    }

    [Fact]
    public async Task Import_whose_reply_is_lost_puts_each_in_once_and_counts_all()
    {
        await using var proxy =
            await FaultProxy.ListenAsync(((System.Net.IPEndPoint)redis.Server.ConfigurationOptions.EndPoints[0]).ToString());
        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Register = r => r.AddRedisQueues();
            x.Host = h => h.ConfigureConnection(o =>
            {
                o.EndPoints.Clear();
                o.EndPoints.Add("127.0.0.1", proxy.Port);
            });
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        await DeadLetterTests.FillAsync(server, "orders_error", 0, 300);
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        var exported = (await letters.ListAsync("orders_error", limit: 1_000)).Entries;
        await letters.PurgeAllAsync("orders_error");

        var hash = ScriptCatalog.Import.Hash;
        var lost = proxy.DropReplies(request => request.IndexOf(hash) >= 0
            || request.IndexOf(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash))) >= 0);
        Assert.Equal(new RedisImportProgress(300, 300, 0), await letters.ImportAsync("orders_error",
            exported.Select(x => new RedisExportedLetter(x.Key, x.Record)).ToAsyncEnumerable(), new RedisActor("ops")));
        await Eventually.CompletesAsync(lost);
        Assert.Equal(300, (await server.CountAsync("orders_error")).Sent - 300);
    }
}
