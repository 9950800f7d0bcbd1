using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.InspectionTests;

/// <summary>An application gets what operators do, and cannot stand in their way.</summary>
public sealed class OperationAuditTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly RedisActor By = new("ops@web1", "PAY-123");

    [Fact]
    public async Task Each_entry_is_told_in_order_after_it_is_in_Redis_and_an_act_at_its_beginning_and_its_end()
    {
        RedisAdministration? administration = null;
        var stored = new ConcurrentQueue<bool>();
        var told = new Listener(async entry =>
            stored.Enqueue((await administration!.Audit.ListAsync()).Entries.Any(x => x.Id == entry.Id)));
        await using var services = new ServiceCollection()
            .AddRedisAdministration(redis.Server.ConnectionString, TestNames.Unique("told"))
            .AddSingleton<IOperationAudit>(told)
            .BuildServiceProvider();
        administration = services.GetRequiredService<RedisAdministration>();

        await administration.Audit.RecordAsync(Entry("one"));
        await administration.Audit.RunAsync(Entry("two"), () => Task.FromResult(3L), x => x);

        await Eventually.TrueAsync(() => stored.Count == 3);
        Assert.All(stored, Assert.True);
        Assert.Equal([("one", RedisAuditOutcome.Done, null), ("two", RedisAuditOutcome.Started, null), ("two", RedisAuditOutcome.Done, 3L)],
            told.Entries.Select(x => (x.Selection, x.Outcome, x.Count)));
        Assert.Equal(told.Entries[1].Id, told.Entries[2].Id);
        Assert.Equal((await administration.Audit.ListAsync()).Entries.Reverse(), [told.Entries[0], told.Entries[2]]);
    }

    [Fact]
    public async Task What_is_done_through_the_services_of_a_bus_is_told_to_all_and_one_of_them_may_need_the_services_itself()
    {
        var told = new Listener();
        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Register = bus =>
            {
                bus.AddRedisQueues();
                bus.AddSingleton<IOperationAudit>(told);
                bus.AddSingleton<IOperationAudit, Curious>();
            };
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders", e => e.Handler<Ping>(_ => Task.CompletedTask));
        });

        await app.Services.GetRequiredService<IRedisQueues>().PauseAsync("orders", By);

        await told.WaitAsync(2);
        Assert.All(told.Entries, x => Assert.Equal(("pause", "orders", "ops@web1", "PAY-123"), (x.Action, x.Queue, x.User, x.Reason)));
        await Eventually.TrueAsync(() => app.Services.GetServices<IOperationAudit>().OfType<Curious>().Single().Seen == 2);
    }

    [Fact]
    public async Task One_that_fails_or_never_answers_undoes_nothing_stops_nobody_and_is_told_of_once_a_minute()
    {
        using var log = new CapturedLog();
        var told = new Listener();
        var failing = new Listener(_ => throw new InvalidOperationException("the log store is away"));
        var administration = RedisAdministration.Connect(redis.Server.ConnectionString, TestNames.Unique("told"),
            logger: log.CreateLogger("audit"), audits: [failing, told]);
        for (var i = 0; i < 20; i++)
            Assert.Equal(i, await administration.Audit.RunAsync(Entry($"{i}"), () => Task.FromResult(i)));
        await told.WaitAsync(40);
        Assert.Equal(40, failing.Entries.Count);
        var warning = Assert.Single(log.Entries, x => x.Text.Contains("IOperationAudit", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Contains("the log store is away", warning.Text, StringComparison.Ordinal);
        await administration.DisposeAsync();

        var stuck = new Listener(_ => new TaskCompletionSource().Task);
        administration = RedisAdministration.Connect(redis.Server.ConnectionString, TestNames.Unique("told"), audits: [stuck]);
        await Eventually.CompletesAsync(administration.Audit.RunAsync(Entry("all"), () => Task.FromResult(7)));
        await Eventually.TrueAsync(() => stuck.Entries.Count == 1);
        // It waits for some seconds only.
        await Eventually.CompletesAsync(administration.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task What_waits_at_the_end_is_told_before_the_connection_is_gone()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var told = new Listener(_ => open.Task);
        var administration = RedisAdministration.Connect(redis.Server.ConnectionString, TestNames.Unique("told"), audits: [told]);
        using (new Activity("somebody else's").Start())
        {
            for (var i = 0; i < 5; i++)
                await administration.Audit.RecordAsync(Entry($"{i}"));
        }

        var end = administration.DisposeAsync().AsTask();
        Assert.False(end.IsCompleted);
        open.SetResult();
        await Eventually.CompletesAsync(end);
        Assert.Equal(["0", "1", "2", "3", "4"], told.Entries.Select(x => x.Selection));
        Assert.All(told.Activities, Assert.Null);
        await administration.DisposeAsync();
    }

    static RedisAuditEntry Entry(string selection) =>
        new() { User = "ops", Action = RedisAuditActions.Purge, Queue = "orders", Selection = selection };

    sealed class Listener(Func<RedisAuditEntry, Task>? then = null) : IOperationAudit
    {
        readonly ConcurrentQueue<(RedisAuditEntry Entry, Activity? Activity)> _told = new();

        public IReadOnlyList<RedisAuditEntry> Entries => [.. _told.Select(x => x.Entry)];

        public IReadOnlyList<Activity?> Activities => [.. _told.Select(x => x.Activity)];

        public async Task RecordedAsync(RedisAuditEntry entry, CancellationToken cancellationToken)
        {
            _told.Enqueue((entry, Activity.Current));
            if (then is not null)
                await then(entry);
        }

        public Task WaitAsync(int count) => Eventually.TrueAsync(() => _told.Count == count, message: $"{count} entries");
    }

    /// <summary>It needs what writes the entries.</summary>
    sealed class Curious(IRedisAudit audit, IBus bus) : IOperationAudit
    {
        int _seen;

        public int Seen => Volatile.Read(ref _seen);

        public async Task RecordedAsync(RedisAuditEntry entry, CancellationToken cancellationToken)
        {
            Assert.NotNull(bus);
            Assert.NotEmpty((await audit.ListAsync(cancellationToken: cancellationToken)).Entries);
            Interlocked.Increment(ref _seen);
        }
    }
}
