using System.Text;
using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.Administration;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Operations;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.InspectionTests;

public sealed class Operations_on_Redis(AnyRedis server) : OperationTests(server), IClassFixture<AnyRedis>;

public sealed class Operations_on_the_embedded_server(SharedEmbedded server) : OperationTests(server), IClassFixture<SharedEmbedded>;

public sealed class Operations_on_a_cluster(SharedCluster server) : OperationTests(server), IClassFixture<SharedCluster>;

/// <summary>Many dead letters at once: with a canary and a brake, by one process after another, and what can be taken back.</summary>
public abstract partial class OperationTests(SharedServerFixture fixture)
{
    const string Queue = "orders";
    const string Dead = "orders_error";

    static readonly RedisActor By = new("ops@web1", "PSP is back");

    /// <summary>As it is outside of tests, but without waiting.</summary>
    static readonly OperationTiming Quick = new()
    {
        Lease = TimeSpan.FromSeconds(15),
        Poll = TimeSpan.FromMilliseconds(50),
        Wait = TimeSpan.FromMilliseconds(20),
        Beat = TimeSpan.FromMilliseconds(100),
    };

    static readonly RedisReplay Fast = new(Dead, RedisSelection.All) { Rate = null, Canary = 0, MaxReady = null };

    [SkippableFact]
    public async Task An_operation_replays_what_was_there_when_it_was_started_and_counts_exactly()
    {
        await using var desk = await StartAsync(dead: 600);
        var (app, server, operations) = desk;

        var started = await operations.StartReplayAsync(Fast, By);
        await DeadLetterTests.FillAsync(server, Dead, 600, 20);
        Assert.Equal((RedisOperationState.Running, 600L, 0L, "ops@web1", "PSP is back", "all"),
            (started.State, started.Total, started.Done, started.By, started.Reason, started.Selection));
        var ended = (await operations.RunAsync(started.Id))!;

        Assert.Equal((RedisOperationState.Done, 600L, 0L, 0L, null),
            (ended.State, ended.Done, ended.Missing, ended.FailedAgain, ended.Owner));
        Assert.Equal((600L, 20L), ((await server.CountAsync(Queue)).Ready, (await server.CountAsync(Dead)).Ready));
        Assert.Equal([ended.Id], (await operations.ListAsync()).Select(x => x.Id));
        var entry = Assert.Single((await Services(app).Audit.ListAsync(queue: Dead)).Entries);
        Assert.Equal(("replay", "ops@web1", "PSP is back", RedisAuditOutcome.Done, 600L),
            (entry.Action, entry.User, entry.Reason, entry.Outcome, entry.Count));
    }

    [SkippableFact]
    public async Task A_group_a_filter_and_keys_select_what_is_replayed()
    {
        await using var desk = await StartAsync(dead: 500);
        var (app, server, operations) = desk;
        var letters = app.Services.GetRequiredService<IRedisDeadLetters>();
        await GroupedAsync(letters);
        var groups = await letters.ListGroupsAsync(Dead);
        Assert.True(groups.IsExact);
        Assert.Equal([400L, 100L], groups.Entries.Select(x => x.Count));

        var preview = await operations.PreviewAsync(Dead, RedisSelection.Group(groups.Entries[1].Id));
        Assert.Equal((100L, true, 3, 500L), (preview.Count, preview.IsCountExact, preview.Samples.Count, preview.Queued));
        Assert.All(preview.Samples, x => Assert.Equal("System.TimeoutException", x.ExceptionType));
        var ended = await RunAsync(operations, Fast with { Selection = RedisSelection.Group(groups.Entries[1].Id) });
        Assert.Equal((100L, 100L), (ended.Total, ended.Done));

        ended = await RunAsync(operations, Fast with
        {
            Selection = RedisSelection.Where(new() { Headers = new Dictionary<string, string> { ["n"] = "42" } }),
        });
        Assert.Equal((null, 1L), (ended.Total, ended.Done));

        var keys = (await letters.ListAsync(Dead, limit: 3)).Entries.Select(x => x.Key).ToArray();
        await letters.ReplayAsync(Dead, [keys[0]]);
        ended = await RunAsync(operations, Fast with { Selection = RedisSelection.Of(keys) });
        Assert.Equal((3L, 2L, 1L), (ended.Total, ended.Done, ended.Missing));
        Assert.Equal(104, (await server.CountAsync(Queue)).Ready);
        Assert.Single((await letters.ListGroupsAsync(Dead)).Entries);
    }

    [SkippableFact]
    public async Task What_always_fails_again_stops_the_operation_after_its_canary()
    {
        await using var desk = await StartAsync(x => x.Bus = (_, cfg) =>
            cfg.ReceiveEndpoint(Queue, e => e.Handler<Ping>(_ => throw new InvalidOperationException("no"))));
        var (app, server, operations) = desk;
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => app.SendAsync(Queue, new Ping(i))));
        await Eventually.TrueAsync(async () => (await server.CountAsync(Dead)).Ready == 60);

        var ended = await RunAsync(operations, Fast with { Canary = 10, Look = TimeSpan.FromSeconds(60) });

        Assert.Equal((RedisOperationState.Stopped, 10L), (ended.State, ended.Done));
        Assert.Contains("of 10 replayed messages are dead letters again", ended.Because, StringComparison.Ordinal);
        await Eventually.EqualAsync(10L, async () => (await operations.GetAsync(ended.Id))!.FailedAgain, message: "the count goes on");
        Assert.Equal(60, (await server.CountAsync(Dead)).Ready);
        var groups = await app.Services.GetRequiredService<IRedisDeadLetters>().ListGroupsAsync(Dead);
        Assert.Equal(10, groups.Entries.Sum(x => x.FailedAgain));
    }

    [SkippableFact]
    public async Task What_fails_in_part_stops_the_operation_by_its_brake()
    {
        await using var desk = await StartAsync(x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint(Queue, e => e.Handler<Ping>(context =>
            context.Message.Number % 10 < 3 || context.ReceiveContext.TransportHeaders.Get<int>("MT-Replay-Count", 0) == 0
                ? throw new InvalidOperationException("no") : Task.CompletedTask)));
        var (app, server, operations) = desk;
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => app.SendAsync(Queue, new Ping(i))));
        await Eventually.TrueAsync(async () => (await server.CountAsync(Dead)).Ready == 400);

        var ended = await RunAsync(operations, Fast with { Rate = 40 });

        Assert.Equal(RedisOperationState.Stopped, ended.State);
        Assert.InRange(ended.Done, 50, 199);
    }

    [SkippableFact]
    public async Task Nothing_is_replayed_while_too_much_waits_and_it_goes_on_after_that()
    {
        await using var desk = await StartAsync(dead: 30);
        var (app, server, operations) = desk;
        await DeadLetterTests.FillAsync(server, Queue, 0, 101);

        var started = await operations.StartReplayAsync(Fast with { MaxReady = 100 }, By);
        var run = operations.RunAsync(started.Id);
        await Eventually.TrueAsync(async () => (await operations.GetAsync(started.Id))!.State == RedisOperationState.Waiting);
        Assert.Equal((0L, 101L), ((await operations.GetAsync(started.Id))!.Done, (await server.CountAsync(Queue)).Ready));
        Assert.Contains(Queue, (await operations.GetAsync(started.Id))!.Because, StringComparison.Ordinal);

        await server.Engine.Queue(Queue).PurgeAsync();
        var ended = (await Eventually.CompletesAsync(run))!;
        Assert.Equal((RedisOperationState.Done, 30L), (ended.State, ended.Done));
    }

    [SkippableFact]
    public async Task An_operation_is_paused_resumed_and_cancelled_from_elsewhere_and_is_the_only_one_of_its_queue()
    {
        await using var desk = await StartAsync(dead: 300);
        var (app, server, operations) = desk;
        var started = await operations.StartReplayAsync(Fast with { Rate = 20 }, By);
        Assert.Equal(started.Id,
            (await Assert.ThrowsAsync<RedisOperationRunningException>(() => operations.StartReplayAsync(Fast, By))).Running);
        var elsewhere = Create(app);

        Assert.Equal(RedisOperationState.Paused, (await elsewhere.PauseAsync(started.Id, new("lea", "lunch")))!.State);
        var run = operations.RunAsync(started.Id);
        var paused = (await elsewhere.GetAsync(started.Id))!;
        Assert.Equal((0L, "paused by lea: lunch"), (paused.Done, paused.Because));
        Assert.Equal(RedisOperationState.Running, (await elsewhere.ResumeAsync(started.Id, By))!.State);
        await Eventually.TrueAsync(async () => (await elsewhere.GetAsync(started.Id))!.Done > 0);
        Assert.Equal(30, (await elsewhere.SetRateAsync(started.Id, 30, By))!.Rate);

        var cancelled = (await elsewhere.CancelAsync(started.Id, By))!;
        var ended = (await Eventually.CompletesAsync(run))!;
        Assert.Equal((RedisOperationState.Cancelled, cancelled.Done), (ended.State, ended.Done));
        Assert.Equal((ended.Done, 300 - ended.Done), ((await server.CountAsync(Queue)).Ready, (await server.CountAsync(Dead)).Ready));
        Assert.Equal(RedisOperationState.Cancelled, (await elsewhere.ResumeAsync(started.Id, By))!.State);
        Assert.Equal(300 - ended.Done, (await RunAsync(operations, Fast)).Done);
        Assert.Null(await operations.GetAsync($"{Dead}~000000000000"));
        await Assert.ThrowsAsync<ArgumentException>(() => operations.GetAsync("no id"));
    }

    [SkippableFact]
    public async Task Another_process_takes_over_and_the_frozen_one_does_nothing_more()
    {
        await using var desk = await StartAsync(dead: 200);
        var (app, server, operations) = desk;
        var started = await operations.StartReplayAsync(Fast, By);
        var queue = server.Engine.Queue(Dead);
        var frozen = new OperationOwner("frozen", TimeSpan.FromMilliseconds(300), "host/1");
        Assert.True((await queue.OwnAsync(started.Id, frozen)).Owned);
        Assert.False((await queue.OwnAsync(started.Id, new OperationOwner("other", TimeSpan.FromSeconds(15), "host/2"))).Owned);
        var waiting = await queue.PageAsync(null, null, 50);
        KeyValuePair<string, ReadOnlyMemory<byte>>[] letters =
            [.. waiting.Messages.Select(x => KeyValuePair.Create(x.Key, x.Record!.Value))];
        var step = new OperationStep(started.Id, "frozen", 1, waiting.LastScore, waiting.LastKey, 50, 0, null);
        var target = server.Engine.Queue(Queue);
        Assert.Equal(50, await queue.RequeueStepAsync(target, letters, step, default));
        Assert.Equal(StepOutcome.DoneBefore, await queue.RequeueStepAsync(target, letters, step, default));

        var ended = (await Eventually.CompletesAsync(operations.RunAsync(started.Id)))!;

        Assert.Equal(StepOutcome.NotOwner, await queue.RequeueStepAsync(target, letters, step with { Number = 2 }, default));
        Assert.Equal((RedisOperationState.Done, 200L, 0L, 1), (ended.State, ended.Done, ended.Missing, ended.TakenOver));
        Assert.Equal((200L, 0L), ((await server.CountAsync(Queue)).Ready, (await server.CountAsync(Dead)).Ready));
    }

    [SkippableFact]
    public async Task A_worker_that_stops_half_way_leaves_the_rest_to_the_next_and_no_message_is_lost_or_doubled()
    {
        await using var desk = await StartAsync(dead: 3_000);
        var (app, server, operations) = desk;
        var started = await operations.StartReplayAsync(Fast with { Rate = 2_000 }, By);
        using var stop = new CancellationTokenSource();
        var first = operations.RunAsync(stop.Token);
        await Eventually.TrueAsync(async () =>
        {
            var done = (await operations.GetAsync(started.Id))!.Done;
            return done >= 900;
        });
        await stop.CancelAsync();
        await Eventually.CompletesAsync(first);
        // Without this the second worker would have nothing to go on with.
        Assert.InRange((await operations.GetAsync(started.Id))!.Done, 900, 2_999);

        using var end = new CancellationTokenSource();
        var second = Create(app).RunAsync(end.Token);
        await Eventually.TrueAsync(async () => (await operations.GetAsync(started.Id))!.State == RedisOperationState.Done);
        await end.CancelAsync();
        await Eventually.CompletesAsync(second);
        Assert.Equal(3_000, (await operations.GetAsync(started.Id))!.Done);
        Assert.Equal((3_000L, 0L), ((await server.CountAsync(Queue)).Ready, (await server.CountAsync(Dead)).Ready));
    }

    [SkippableFact]
    public async Task A_process_that_works_on_operations_begins_its_own_at_once()
    {
        var (app, server, _) = await StartAsync();
        await using var __ = app;
        await using var ___ = server;
        await DeadLetterTests.FillAsync(server, Dead, 0, 5);
        // It looks once, and not again by itself.
        var operations = new RedisOperations(Services(app).Host, new ConsumedQueues(), Services(app).Audit,
            Quick with { Poll = TimeSpan.FromHours(1) });
        using var stop = new CancellationTokenSource();
        var work = operations.RunAsync(stop.Token);
        var started = await operations.StartReplayAsync(Fast, By);
        await Eventually.TrueAsync(async () => (await operations.GetAsync(started.Id))!.State == RedisOperationState.Done);

        // So does what is resumed.
        await DeadLetterTests.FillAsync(server, Dead, 5, 5);
        var slow = await operations.StartReplayAsync(Fast with { Rate = 1 }, By);
        await operations.PauseAsync(slow.Id, By);
        await Eventually.TrueAsync(async () => (await operations.GetAsync(slow.Id)) is { State: RedisOperationState.Paused, Owner: null });
        await operations.SetRateAsync(slow.Id, null, By);
        await operations.ResumeAsync(slow.Id, By);
        await Eventually.TrueAsync(async () => (await operations.GetAsync(slow.Id))!.State == RedisOperationState.Done);
        await stop.CancelAsync();
        await Eventually.CompletesAsync(work);
    }

    [SkippableFact]
    public async Task A_rate_is_never_exceeded()
    {
        await using var desk = await StartAsync(dead: 300);
        var (app, server, operations) = desk;
        var started = TimeProvider.System.GetTimestamp();

        var ended = await RunAsync(operations, Fast with { Rate = 100 });

        // The last step needs no time behind it.
        Assert.Equal(300, ended.Done);
        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(2.7));
    }

    static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    static Task GroupedAsync(IRedisDeadLetters letters) =>
        Eventually.TrueAsync(async () => (await letters.ListGroupsAsync(Dead)).NotGroupedYet == 0, message: "all are grouped");

    static async Task<RedisOperation> RunAsync(RedisOperations operations, RedisReplay request)
    {
        var started = await operations.StartReplayAsync(request, By);
        return (await Eventually.CompletesAsync(operations.RunAsync(started.Id)))!;
    }

    async Task<Desk> StartAsync(Action<TestAppOptions>? configure = null, int dead = 0)
    {
        fixture.Server.SkipIfUnavailable();
        var app = await TestApp.StartAsync(fixture.Server, x =>
        {
            x.Register = r => r.AddRedisQueues();
            configure?.Invoke(x);
        });
        var desk = new Desk(app, await ServerSide.ConnectAsync(fixture.Server, app.Prefix), Create(app));
        await DeadLetterTests.FillAsync(desk.Server, Dead, 0, dead);
        return desk;
    }

    static OperatorServices Services(TestApp app) => app.Services.GetRequiredService<Bind<IBus, OperatorServices>>().Value;

    /// <summary>What another process would use.</summary>
    static RedisOperations Create(TestApp app) => new(Services(app).Host, new ConsumedQueues(), Services(app).Audit, Quick);

    /// <summary>An operator's place: an application, its server, and the operations as another process sees them.</summary>
    sealed record Desk(TestApp App, ServerSide Server, RedisOperations Operations) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            await App.DisposeAsync();
        }
    }
}
