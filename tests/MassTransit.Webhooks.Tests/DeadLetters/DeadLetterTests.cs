using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;

namespace MassTransit.Webhooks.Tests.DeadLetters;

/// <summary>What an operator does with what was given up, on real dead letters.</summary>
public sealed class DeadLetterTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();
    readonly string _prefix = TestNames.Unique("dead");

    /// <summary>Its name was cut although it has no suffix, and the list failed as a whole.</summary>
    [Fact]
    public async Task Error_queue_with_a_name_of_its_own_is_listed_for_each_queue_whose_dead_letters_it_takes()
    {
        _journal.Answer = _ => WebhookResult.Fail("no");
        await using var app = await RedisApp.StartAsync(redis.Server, _prefix, _journal,
            w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "hooks"), bus: (_, cfg) =>
        {
            cfg.SendTopology.ErrorQueueNameFormatter = new GraveyardName();
            cfg.ReceiveEndpoint("other", e => e.Handler<Webhook>(_ => throw new InvalidOperationException()));
        });

        await app.Queue.EnqueueAsync(new Webhook { Id = "w" });

        await Eventually.TrueAsync(async () => (await app.Queues.ListAsync())
            .Any(x => x is { Name: "graveyard", IsDeadLetterQueue: true, Ready: > 0 }), message: "the dead letters to come");
        var listed = await app.DeadLetters.ListQueuesAsync();
        Assert.All(listed, x => Assert.Equal("graveyard", x.Queue));
        Assert.Equal(["hooks", "other"], listed.Select(x => x.OriginalQueue).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task One_is_shown_with_all_that_is_known_of_it()
    {
        await using var app = await StartAsync(p =>
        {
            p.Retry(r => r.Immediate(2));
            p.Redelivery(r => r.Intervals(20));
        });
        _journal.Answer = _ => throw new TimeoutException("The backend is away.");
        var before = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        byte[] body = [0, 255, .. "{\"a\":1}"u8];

        await app.Queue.EnqueueAsync(new Webhook { Id = "w", Receiver = "github", EventType = "push", Tenant = "acme", Body = body },
            priority: 9);
        await DeadAsync(app, 1);

        var listed = Assert.Single((await app.DeadLetters.ListAsync("hooks")).Entries);
        var letter = await app.DeadLetters.GetAsync("hooks", listed.Key);
        Assert.NotNull(letter);
        Assert.Equal(("hooks_error", "hooks", 9), (letter.Queue, letter.OriginalQueue, letter.Priority));
        Assert.Equal(("w", "github", "push", "acme"),
            (letter.Webhook!.Id, letter.Webhook.Receiver, letter.Webhook.EventType, letter.Webhook.Tenant));
        Assert.Equal(body, letter.Webhook.Body);
        Assert.Equal(new Webhook { Receiver = "github", Tenant = "acme", Id = "w" }.GetMessageId(), letter.MessageId);
        Assert.Equal(("fault", "System.TimeoutException", "The backend is away."),
            (letter.Reason, letter.ExceptionType, letter.FaultMessage));
        Assert.Contains(nameof(DeadLetterTests), letter.StackTrace, StringComparison.Ordinal);
        Assert.Equal((3, 1, 0), (letter.Attempts, letter.Redeliveries, letter.Replays));
        Assert.True(before < letter.FirstFailedAt && letter.FirstFailedAt < letter.LastFailedAt,
            $"{letter.FirstFailedAt:O} {letter.LastFailedAt:O}");
        Assert.Equal("acme", letter.Headers[WebhookHeaders.Tenant]);
        Assert.Null(await app.DeadLetters.GetAsync("hooks", "0".PadLeft(listed.Key.Length, '0')));
    }

    [Fact]
    public async Task Pages_show_each_once_the_most_urgent_first_whatever_is_removed_meanwhile()
    {
        await using var app = await StartAsync();
        _journal.Answer = x => WebhookResult.Fail("Nobody knows this customer.");
        await app.Queue.EnqueueBatchAsync(Many(0, 25));
        await app.Queue.EnqueueBatchAsync(Many(25, 25), priority: 5);
        await DeadAsync(app, 50);

        var seen = new List<WebhookDeadLetter>();
        string? next = null;
        do
        {
            var page = await app.DeadLetters.ListAsync("hooks", limit: 7, after: next);
            Assert.InRange(page.Entries.Count, 0, 7);
            seen.AddRange(page.Entries);
            // What was shown is gone before the next page is read.
            if (page.Entries.Count > 0)
                Assert.Equal(1, await app.DeadLetters.PurgeAsync("hooks", [page.Entries[0].Key]));
            next = page.Next;
        }
        while (next is not null);

        Assert.Equal(50, seen.Select(x => x.Webhook!.Id).Distinct().Count());
        Assert.Equal([.. Enumerable.Repeat(5, 25), .. Enumerable.Repeat(0, 25)], seen.Select(x => x.Priority));
    }

    [Fact]
    public async Task Each_condition_of_a_filter_selects_and_all_of_them_must_hold()
    {
        await using var app = await StartAsync();
        _journal.Answer = x => x.Webhook.Id.StartsWith('a')
            ? throw new TimeoutException("The backend is away.") : WebhookResult.Fail("Nobody knows this customer.");
        await app.Queue.EnqueueBatchAsync([
            new Webhook { Id = "a1", Receiver = "github", EventType = "push", Tenant = "acme" },
            new Webhook { Id = "a2", Receiver = "stripe", EventType = "invoice.paid", Tenant = "globex" },
            new Webhook { Id = "b1", Receiver = "github", EventType = "release" },
            new Webhook { Id = "b2", Receiver = "orders" },
        ]);
        await DeadAsync(app, 4);

        Assert.Equal(["a1", "b1"], await FindAsync(new() { Receiver = "GitHub" }));
        Assert.Equal(["a1"], await FindAsync(new() { EventType = "push" }));
        Assert.Empty(await FindAsync(new() { EventType = "PUSH" }));
        Assert.Equal(["a2"], await FindAsync(new() { Tenant = "globex" }));
        Assert.Equal(["b2"], await FindAsync(new() { WebhookId = "b2" }));
        Assert.Equal(["a1", "a2"], await FindAsync(new() { ExceptionType = "timeoutexception" }));
        Assert.Equal(["a1", "a2"], await FindAsync(new() { ExceptionType = "System.TimeoutException" }));
        Assert.Empty(await FindAsync(new() { ExceptionType = "Timeout" }));
        Assert.Equal(["b1", "b2"], await FindAsync(new() { FaultMessage = "THIS CUSTOMER" }));
        Assert.Equal(["a1", "a2", "b1", "b2"], await FindAsync(new() { YoungerThan = TimeSpan.FromHours(1) }));
        Assert.Empty(await FindAsync(new() { OlderThan = TimeSpan.FromHours(1) }));
        Assert.Equal(["a1"], await FindAsync(new() { Receiver = "github", ExceptionType = "TimeoutException" }));
        Assert.Empty(await FindAsync(new() { Receiver = "orders", ExceptionType = "TimeoutException" }));
        Assert.Equal(["a1", "a2", "b1", "b2"], await FindAsync(new()));

        async Task<IEnumerable<string>> FindAsync(WebhookDeadLetterFilter filter) =>
            (await app.DeadLetters.ListAsync("hooks", filter)).Entries.Select(x => x.Webhook!.Id).Order();
    }

    [Fact]
    public async Task One_some_or_all_are_replayed_with_priority_kept_and_attempts_reset()
    {
        await using var app = await StartAsync(p =>
        {
            p.Retry(r => r.Immediate(1));
            p.Redelivery(r => r.None());
        });
        _journal.Answer = _ => throw new TimeoutException("The backend is away.");
        await app.Queue.EnqueueBatchAsync(Many(0, 10).Select(x => x with { Receiver = "github", Tenant = "acme" }), priority: 7);
        await app.Queue.EnqueueBatchAsync(Many(10, 10).Select(x => x with { Receiver = "stripe" }));
        await DeadAsync(app, 20);
        var dead = (await app.DeadLetters.ListAsync("hooks")).Entries;
        _journal.Seen.Clear();
        _journal.Answer = _ => WebhookResult.Success();

        Assert.Equal(1, await app.DeadLetters.ReplayAsync("hooks", [dead[0].Key]));
        await _journal.SawAsync(1);
        // What is there no more is passed over, however it is named.
        Assert.Equal(1, await app.DeadLetters.ReplayAsync("hooks_error", [dead[0].Key, dead[1].Key]));
        Assert.Equal(8, await app.DeadLetters.ReplayAsync("hooks", new WebhookDeadLetterFilter { Receiver = "github" }));
        Assert.Equal(10, await app.DeadLetters.ReplayAllAsync("hooks"));
        Assert.Equal(0, await app.DeadLetters.ReplayAllAsync("hooks"));

        await _journal.SawAsync(20);
        Assert.Equal(20, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.All(_journal.Seen, x => Assert.Equal((0, 0), (x.Attempt, x.RedeliveryCount)));
        Assert.Equal(10, _journal.Seen.Count(x => x.Webhook.Tenant == "acme"));
        Assert.Empty((await app.DeadLetters.ListAsync("hooks")).Entries);
    }

    [Fact]
    public async Task Replayed_one_that_fails_again_is_dead_again_with_its_priority_and_its_replays_counted()
    {
        await using var app = await StartAsync();
        _journal.Answer = _ => WebhookResult.Fail("Nobody knows this customer.");
        await app.Queue.EnqueueAsync(new Webhook { Id = "w", Tenant = "acme" }, priority: 7);
        await DeadAsync(app, 1);

        for (var replay = 1; replay <= 2; replay++)
        {
            Assert.Equal(1, await app.DeadLetters.ReplayAllAsync("hooks"));
            await _journal.SawAsync(1 + replay);
            await DeadAsync(app, 1);
            var letter = Assert.Single((await app.DeadLetters.ListAsync("hooks")).Entries);
            Assert.Equal((replay, 7, 1, "acme"), (letter.Replays, letter.Priority, letter.Attempts, letter.Headers[WebhookHeaders.Tenant]));
        }
    }

    [Fact]
    public async Task Some_or_all_are_purged_for_good()
    {
        await using var app = await StartAsync();
        _journal.Answer = _ => WebhookResult.Fail("Nobody knows this customer.");
        await app.Queue.EnqueueBatchAsync([.. Many(0, 10).Select(x => x with { Receiver = "github" }), .. Many(10, 300)]);
        await DeadAsync(app, 310);

        Assert.Equal(0, await app.DeadLetters.PurgeAsync("hooks", new WebhookDeadLetterFilter { OlderThan = TimeSpan.FromDays(1) }));
        Assert.Equal(10, await app.DeadLetters.PurgeAsync("hooks", new WebhookDeadLetterFilter { Receiver = "github" }));
        Assert.Equal(new WebhookDeadLetterQueue("hooks_error", "hooks", 300),
            Assert.Single(await app.DeadLetters.ListQueuesAsync(), x => x.Queue == "hooks_error"));
        Assert.Equal(300, await app.DeadLetters.PurgeAllAsync("hooks"));
        Assert.Equal(0, (await app.Queue.GetMetricsAsync()).DeadLetters);
    }

    [Fact]
    public async Task Message_that_is_no_webhook_is_listed_with_its_bytes_and_can_be_purged()
    {
        await using var app = await StartAsync();
        var endpoint = await app.Bus.GetSendEndpoint(new Uri("queue:hooks"));
        await endpoint.Send(new Broken(4711, "no bytes"));
        await DeadAsync(app, 1);

        var letter = Assert.Single((await app.DeadLetters.ListAsync("hooks")).Entries);
        Assert.Null(letter.Webhook);
        Assert.Contains("4711", System.Text.Encoding.UTF8.GetString(letter.MessageBody.Span), StringComparison.Ordinal);
        Assert.NotNull(letter.ExceptionType);
        Assert.Empty((await app.DeadLetters.ListAsync("hooks", new WebhookDeadLetterFilter { Receiver = "github" })).Entries);
        Assert.Equal(1, await app.DeadLetters.PurgeAsync("hooks", [letter.Key]));
    }

    [Fact]
    public async Task Replay_that_is_cancelled_half_way_has_lost_and_doubled_nothing()
    {
        await using var app = await StartAsync();
        await KillAsync(app, 2_000);

        using var enough = new CancellationTokenSource();
        var replay = app.DeadLetters.ReplayAllAsync("hooks", enough.Token);
        await Eventually.TrueAsync(() => !_journal.Seen.IsEmpty, message: "the first to be replayed");
        await enough.CancelAsync();
        await Task.WhenAny(replay);

        await RestIsThereAsync(app, 2_000);
        await app.DeadLetters.ReplayAllAsync("hooks");
        await _journal.SawAsync(2_000);
        Assert.Equal(2_000, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
    }

    [Fact]
    public async Task Replay_whose_connection_is_cut_has_lost_and_doubled_nothing()
    {
        await using var app = await StartAsync();
        await KillAsync(app, 2_000);

        await using var proxy = await FaultProxy.ListenAsync(redis.Server.ConnectionString);
        await using var operators = await RedisApp.StartAsync(redis.Server, _prefix, new Journal(), address: proxy.ConnectionString);
        var replay = operators.DeadLetters.ReplayAllAsync("hooks");
        await Eventually.TrueAsync(() => !_journal.Seen.IsEmpty || replay.IsCompleted, message: "the first to be replayed");
        proxy.Cut();
        // A call that was lost is repeated; whether the replay survives the cut or ends with it, nothing may be missing.
        await Task.WhenAny(replay).WaitAsync(TimeSpan.FromSeconds(60));
        _ = replay.Exception;

        await RestIsThereAsync(app, 2_000);
        await app.DeadLetters.ReplayAllAsync("hooks");
        await _journal.SawAsync(2_000);
        Assert.Equal(2_000, _journal.Seen.Count);
        Assert.Equal(2_000, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Queue_without_a_name_is_refused(string queue)
    {
        await using var app = await StartAsync();

        await Assert.ThrowsAnyAsync<ArgumentException>(() => app.DeadLetters.ListAsync(queue));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => app.DeadLetters.ReplayAllAsync(queue));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => app.DeadLetters.PurgeAllAsync(queue));
    }

    [Fact]
    public async Task What_cannot_be_asked_is_refused_with_the_cure()
    {
        await using var app = await StartAsync();
        _journal.Answer = _ => WebhookResult.Fail("Nobody knows this customer.");
        await app.Queue.EnqueueAsync(new Webhook { Id = "w" });
        await DeadAsync(app, 1);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => app.DeadLetters.ListAsync("hooks", limit: 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => app.DeadLetters.ListAsync("hooks", limit: 1_001));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => app.DeadLetters.ListAsync("hooks", after: "no cursor"));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => app.DeadLetters.ReplayAsync("hooks", [null!]));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => app.DeadLetters.PurgeAsync("hooks", (WebhookDeadLetterFilter)null!));
        var missing = await Assert.ThrowsAnyAsync<Exception>(() => app.DeadLetters.ListAsync("no-such-queue"));
        Assert.Contains("no-such-queue", missing.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await app.Queue.GetMetricsAsync()).DeadLetters);
    }

    [Fact]
    public async Task Transport_that_cannot_look_into_queues_says_so_with_the_cure()
    {
        await using var app = await WebhookApp.StartAsync(x =>
        {
            x.AddWebhooks();
            x.UsingInMemory();
        });
        var deadLetters = (IWebhookDeadLetters)app.Services.GetService(typeof(IWebhookDeadLetters))!;

        foreach (var call in new Func<Task>[]
        {
            () => deadLetters.ListQueuesAsync(), () => deadLetters.ListAsync("hooks"), () => deadLetters.GetAsync("hooks", "k"),
            () => deadLetters.ReplayAsync("hooks", ["k"]), () =>
                deadLetters.ReplayAsync("hooks", new WebhookDeadLetterFilter()), () => deadLetters.ReplayAllAsync("hooks"),
            () => deadLetters.PurgeAsync("hooks", ["k"]), () =>
                deadLetters.PurgeAsync("hooks", new WebhookDeadLetterFilter()), () => deadLetters.PurgeAllAsync("hooks"),
        })
        {
            Assert.Contains("w.UseRedis()", (await Assert.ThrowsAsync<NotSupportedException>(call)).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>So many dead letters, whose replay will succeed.</summary>
    async Task KillAsync(RedisApp app, int count)
    {
        _journal.Answer = _ => WebhookResult.Fail("Nobody knows this customer.");
        await app.Queue.EnqueueBatchAsync(Many(0, count));
        await DeadAsync(app, count);
        _journal.Seen.Clear();
        _journal.Answer = _ => WebhookResult.Success();
    }

    /// <summary>Dead, waiting, held or processed: together they are all.</summary>
    static Task RestIsThereAsync(RedisApp app, long count) => Eventually.TrueAsync(
        async () => await app.Queue.GetMetricsAsync() is { QueueSize: 0, Processing: 0 } x && x.DeadLetters
            + x.Completed == count, message: $"{count} to be accounted for");

    static IEnumerable<Webhook> Many(int first, int count) =>
        Enumerable.Range(first, count).Select(x => new Webhook { Id = $"{x}", Body = [1, 2, 3] });

    static Task DeadAsync(RedisApp app, long count) =>
        Eventually.EqualAsync(count, async () => (await app.Queue.GetMetricsAsync()).DeadLetters, TimeSpan.FromMinutes(1), "dead letters");

    Task<RedisApp> StartAsync(Action<IWebhookProcessorConfigurator>? configure = null) =>
        RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<SingleProcessor>(p =>
        {
            p.QueueName = "hooks";
            p.Retry(r => r.None());
            p.Redelivery(r => r.None());
            configure?.Invoke(p);
        }));

    /// <summary>Says that it is a webhook, and is none.</summary>
    [MessageUrn("MassTransit.Webhooks:Webhook")]
    public sealed record Broken(int Id, string Body);

    sealed class GraveyardName : IErrorQueueNameFormatter
    {
        public string FormatErrorQueueName(string queueName) => "graveyard";
    }
}
