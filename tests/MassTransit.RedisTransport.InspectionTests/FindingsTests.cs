using System.Text;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.RedisTransport.InspectionTests;

public sealed class Findings_on_Redis(AnyRedis server) : FindingsTests(server), IClassFixture<AnyRedis>;

public sealed class Findings_on_the_embedded_server(SharedEmbedded server) : FindingsTests(server), IClassFixture<SharedEmbedded>;

public sealed class Findings_on_a_cluster(SharedCluster server) : FindingsTests(server), IClassFixture<SharedCluster>;

/// <summary>What an operator is told at night.</summary>
public abstract class FindingsTests(SharedServerFixture fixture)
{
    [SkippableFact]
    public async Task A_queue_without_a_receiver_is_found_with_its_figures_and_a_line_to_type()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await TestApp.StartAsync(fixture.Server,
            x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("works", e => e.Handler<Ping>(_ => Task.CompletedTask)));
        await app.SendAsync("works", new Ping(1));
        await app.SendAsync("nobody", new Ping(2));
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await using var administration = RedisAdministration.Connect(fixture.Server.ConnectionString, app.Prefix);
        // A message that has just come may have a receiver soon.
        Assert.DoesNotContain(await administration.Findings.CheckAsync(), x => x.Queue is not null);

        await AddOldMessageAsync(server, "nobody", TimeSpan.FromMinutes(10));

        var finding = Assert.Single(await administration.Findings.CheckAsync(), x => x.Queue is not null);
        Assert.Equal((RedisFindingIds.QueueUnattended, RedisFindingSeverity.Unhealthy, "nobody", "mtq queue show nobody"),
            (finding.Id, finding.Severity, finding.Queue, finding.Command));
        Assert.StartsWith("nobody: 2 messages wait, the oldest for 10 min, and nobody receives them.", finding.Sentence,
            StringComparison.Ordinal);
        Assert.NotNull(finding.Since);

        var queues = (await administration.Queues.ListAsync()).ToDictionary(x => x.Name);
        Assert.Equal((0, 1), (queues["nobody"].Receivers, queues["works"].Receivers));
        Assert.InRange(queues["nobody"].OldestAge, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(12));
    }

    [SkippableFact]
    public async Task A_pause_is_proven_by_its_receivers_and_those_that_do_not_obey_are_named()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await TestApp.StartAsync(fixture.Server,
            x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders", e => e.Handler<Ping>(_ => Task.CompletedTask)));
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await using var administration = RedisAdministration.Connect(fixture.Server.ConnectionString, app.Prefix);
        await administration.Queues.PauseAsync("orders", new RedisActor("ops@web1", "PSP is down"));
        await app.SendAsync("orders", new Ping(1));

        var obeyed = await administration.Queues.WaitForPauseAsync("orders", TimeSpan.FromSeconds(20));
        Assert.Equal((true, 1, 1, 0L), (obeyed.Done, obeyed.Receivers, obeyed.Obeying, obeyed.Leased));
        Assert.Empty(obeyed.NotObeying);

        // One of an earlier version beats without a number, and one before that only waits for messages.
        await server.Engine.BeatAsync(server.Engine.Queue("orders").Name, "old",
            """{"process":"Worker","pid":17,"host":"web-2","version":"1.0.3"}"""u8.ToArray());
        await server.Database.HashSetAsync(server.Keys("orders").Meta, "waiting", "1");
        var disobeyed = await administration.Queues.WaitForPauseAsync("orders", TimeSpan.Zero);
        Assert.Equal((false, 2, 1), (disobeyed.Done, disobeyed.Receivers, disobeyed.Obeying));
        Assert.Equal(["Worker 17 on web-2 (1.0.3)", "a receiver of an earlier version, which waits for messages"],
            disobeyed.NotObeying);

        var acts = await administration.Audit.ListAsync(queue: "orders");
        var act = Assert.Single(acts.Entries);
        Assert.Equal(("pause", "ops@web1", "PSP is down", "until it is resumed", RedisAuditOutcome.Done),
            (act.Action, act.User, act.Reason, act.Selection, act.Outcome));
    }

    [SkippableFact]
    public async Task A_crash_is_found_with_the_name_of_the_process()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await TestApp.StartAsync(fixture.Server,
            x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders", e => e.Handler<Ping>(_ => Task.CompletedTask)));
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await server.Engine.BeatAsync(server.Engine.Queue("orders").Name, "crashed",
            """{"protocol":1,"process":"Worker","pid":17,"host":"web-2"}"""u8.ToArray());
        await server.Database.SortedSetDecrementAsync(server.Keys("orders").Receivers, "crashed", 120_000);
        // A message of it was taken back.
        await server.Database.HashSetAsync(server.Keys("orders").Meta, "reclaimed", 5);
        await Eventually.TrueAsync(async () => await server.Database.KeyExistsAsync(server.Keys("orders").History));
        var last = ((string)(await server.Database.HashGetAsync(server.Keys("orders").History, "last"))!).Split(',');
        await server.Database.HashSetAsync(server.Keys("orders").History, "last", $"{long.Parse(last[0]) - 2},0,0,0,2");
        await server.Engine.BeatAsync(server.Engine.Queue("orders").Name, "other", "{}"u8.ToArray());

        await using var administration = RedisAdministration.Connect(fixture.Server.ConnectionString, app.Prefix);
        var findings = await administration.Findings.CheckAsync();
        var finding = Assert.Single(findings, x => x.Queue is not null);
        Assert.Equal(RedisFindingIds.LeasesReclaimed, finding.Id);
        Assert.Matches("^orders: [358] messages were taken back in the last 15 min .*: Worker 17 on web-2 vanished [23] min ago",
            finding.Sentence);
    }

    [SkippableFact]
    public async Task A_pause_and_a_limit_are_found_with_who_has_set_them()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await TestApp.StartAsync(fixture.Server,
            x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders", e => e.Handler<Ping>(_ => Task.CompletedTask)));
        await using var administration = RedisAdministration.Connect(fixture.Server.ConnectionString, app.Prefix,
            limits: new RedisHealthOptions { MaxPause = TimeSpan.FromTicks(1) });
        await administration.Queues.PauseAsync("orders", new RedisActor("ops", "PSP is down"));
        await administration.Queues.SetLimitAsync("orders", 50, new RedisActor("ops"));

        await Eventually.TrueAsync(async () =>
        {
            var findings = (await administration.Findings.CheckAsync()).Where(x => x.Queue == "orders").ToArray();
            return findings is
            [
            { Id: RedisFindingIds.QueuePaused, Severity: RedisFindingSeverity.Degraded, Command: "mtq queue resume orders" } pause,
            { Id: RedisFindingIds.QueueOverridden, Severity: RedisFindingSeverity.Note, Sentence: var limit },
            ]
                && pause.Sentence.Contains("paused by ops since", StringComparison.Ordinal)
                && pause.Sentence.Contains("PSP is down", StringComparison.Ordinal) && pause.Since is not null
                && limit == "orders: ops has set at most 50 messages at work.";
        }, message: "both are found, and nothing else");

        await administration.Queues.ResumeAsync("orders", new RedisActor("ops"));
        await administration.Queues.ResetControlAsync("orders", new RedisActor("ops"));
        await Eventually.TrueAsync(async () => !(await administration.Findings.CheckAsync()).Any(x => x.Queue == "orders"),
            message: "nothing is found any more");
    }

    [SkippableFact]
    public async Task Dead_letters_that_become_more_are_found_with_what_fails_most()
    {
        fixture.Server.SkipIfUnavailable();
        await using var app = await TestApp.StartAsync(fixture.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders",
            e => e.Handler<Ping>(_ => throw new TimeoutException("The bank does not answer."))));
        for (var i = 0; i < 12; i++)
            await app.SendAsync("orders", new Ping(i));
        await using var server = await ServerSide.ConnectAsync(fixture.Server, app.Prefix);
        await using var administration = RedisAdministration.Connect(fixture.Server.ConnectionString, app.Prefix);
        await Eventually.TrueAsync(async () => (await administration.Queues.GetAsync("orders")).DeadLetters == 12);
        await Eventually.TrueAsync(() => server.Database.KeyExistsAsync(server.Keys("orders").History));
        Assert.DoesNotContain(await administration.Findings.CheckAsync(), x => x.Queue is not null);

        // Twenty minutes ago there was none.
        var then = (long)(await TimeAsync(server) - new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalMinutes - 20;
        await server.Database.HashSetAsync(server.Keys("orders").History,
            [new(then / 60 % 25, $"{then / 60};{then % 60};"), new("last", $"{then},0,0,0,0")]);

        var finding = Assert.Single(await administration.Findings.CheckAsync(), x => x.Queue is not null);
        Assert.Equal((RedisFindingIds.DeadLettersRising, RedisFindingSeverity.Degraded), (finding.Id, finding.Severity));
        Assert.Equal(("orders_error", "mtq dead groups orders"), (finding.DeadLetterQueue, finding.Command));
        Assert.StartsWith("orders: 12 more dead letters than 2", finding.Sentence, StringComparison.Ordinal);
        Assert.Contains("The most frequent failure: ", finding.Sentence, StringComparison.Ordinal);
        Assert.Contains("TimeoutException", finding.Sentence, StringComparison.Ordinal);
    }

    internal static async Task AddOldMessageAsync(ServerSide server, string queue, TimeSpan age)
    {
        var now = (long)(await TimeAsync(server) - new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero) - age).TotalMicroseconds;
        var key = $"00{now:x13}0000000";
        await server.Database.HashSetAsync(server.Keys(queue).Messages, key, Encoding.UTF8.GetBytes("old"));
        await server.Database.SortedSetAddAsync(server.Keys(queue).Ready, key, now);
    }

    static async Task<DateTimeOffset> TimeAsync(ServerSide server) =>
        new(await server.Connection.GetServers().First(x => x.IsConnected).TimeAsync(), TimeSpan.Zero);
}

/// <summary>Findings of a server of the test's own, beside the health checks.</summary>
public sealed class FindingsAndHealthTests
{
    [SkippableFact]
    public async Task The_findings_and_the_health_checks_say_the_same()
    {
        await using var server = await OwnServer.StartAsync(new RedisServerOptions { AppendFsync = "everysec" });
        await using var app = await TestApp.StartAsync(server, x =>
        {
            x.Services = services => services.AddHealthChecks()
                .AddRedisTransport(o => (o.MaxReady, o.MaxDeadLetters, o.MinReplicas) = (1, 0, 1));
            x.Register = r => r.AddRedisQueues();
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("orders", e =>
            {
                e.PrefetchCount = 1;
                e.Handler<Ping>(x => x.Message.Number < 0
                    ? throw new InvalidOperationException() : Task.Delay(Timeout.Infinite, x.CancellationToken));
            });
            x.HostOptions = o => o.ConsumerStopTimeout = TimeSpan.FromMilliseconds(100);
        });
        await using var connection = await server.ConnectAsync();
        var redis = connection.GetServers()[0];
        await redis.ConfigSetAsync("maxmemory-policy", "allkeys-lru");
        await redis.ConfigSetAsync("appendonly", "no");
        await app.SendAsync("orders", new Ping(-1));
        await Eventually.TrueAsync(async () => (await app.Services.GetRequiredService<IRedisQueues>().GetAsync("orders")).DeadLetters == 1);
        for (var i = 0; i < 4; i++)
            await app.SendAsync("orders", new Ping(i));

        await Eventually.TrueAsync(async () =>
        {
            var findings = (await app.Services.GetRequiredService<IRedisFindings>().CheckAsync())
                .Where(x => x.Severity >= RedisFindingSeverity.Degraded).ToArray();
            var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
            var health = string.Join(' ',
                report.Entries.Where(x => x.Value.Status == HealthStatus.Degraded).Select(x => x.Value.Description));
            string[] ids = [.. findings.Select(x => x.Id)];
            return ids is [RedisFindingIds.ServerEvicts, RedisFindingIds.ServerForgets, RedisFindingIds.ServerReplicas,
                RedisFindingIds.DeadLetters or RedisFindingIds.QueueBacklog, RedisFindingIds.DeadLetters or RedisFindingIds.QueueBacklog]
                && Array.TrueForAll(findings, x => health.Contains(x.Cure, StringComparison.Ordinal));
        }, message: "every finding is a complaint of the health checks, and the other way round");
    }

    [SkippableFact]
    public async Task A_server_that_is_away_is_the_only_finding_within_the_time_of_a_health_check()
    {
        await using var server = await OwnServer.StartAsync(new RedisServerOptions());
        await using var administration = RedisAdministration.Connect(server.ConnectionString,
            limits: new RedisHealthOptions { Timeout = TimeSpan.FromMilliseconds(300) });
        // The first check connects, which may take longer.
        await Eventually.TrueAsync(async () => (await administration.Findings.CheckAsync()) is [{ Id: RedisFindingIds.ServerForgets }]);

        server.Suspend();
        var finding = Assert.Single(await Eventually.CompletesAsync(administration.Findings.CheckAsync()));
        server.Resume();
        Assert.Equal((RedisFindingIds.RedisAway, RedisFindingSeverity.Unhealthy), (finding.Id, finding.Severity));
        Assert.Contains("did not answer within 0.3 s", finding.Sentence, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await administration.Findings.CheckAsync()) is [{ Id: RedisFindingIds.ServerForgets }]);
    }
}
