using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Processing;

/// <summary>Careless callers, broken processors, strange webhooks: a clear error, and nothing is lost.</summary>
public sealed class HostileInputTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();

    public static TheoryData<string, Webhook?> Unsendable => new()
    {
        { "webhook", null },
        { "Id", new Webhook { Id = null! } },
        { "Receiver", new Webhook { Receiver = null! } },
        { "EventType", new Webhook { EventType = null! } },
        { "Body", new Webhook { Body = null! } },
        { "Headers", new Webhook { Headers = null! } },
        { "x-empty", new Webhook { Headers = new Dictionary<string, string> { ["x-empty"] = null! } } },
    };

    [Theory]
    [MemberData(nameof(Unsendable), DisableDiscoveryEnumeration = true)]
    public async Task Webhook_that_cannot_be_sent_is_refused_by_name_and_harms_no_other(string name, Webhook? bad)
    {
        await using var app = await StartAsync<SingleProcessor>();

        // Many at the same time travel together: the bad one must not take the others with it.
        var good = Enumerable.Range(0, 50).Select(x => app.Queue.EnqueueAsync(new Webhook { Id = $"{x}" })).ToArray();
        var refusal = await Assert.ThrowsAnyAsync<ArgumentException>(() => app.Queue.EnqueueAsync(bad!));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => app.Queue.EnqueueBatchAsync([bad!]));
        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
        await Task.WhenAll(good);

        await _journal.SawAsync(50);
        Assert.Equal(50, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(256)]
    [InlineData(int.MaxValue)]
    public async Task Priority_out_of_its_range_is_refused(int priority)
    {
        await using var app = await StartAsync<SingleProcessor>();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => app.Queue.EnqueueAsync(new Webhook { Id = "w" }, priority));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => app.Queue.EnqueueBatchAsync([new Webhook { Id = "w" }], priority));
    }

    [Fact]
    public async Task Nothing_to_enqueue_is_done_at_once_and_a_cancelled_call_enqueues_nothing()
    {
        await using var app = await StartAsync<SingleProcessor>();

        await app.Queue.EnqueueBatchAsync([]);
        await Assert.ThrowsAsync<ArgumentNullException>(() => app.Queue.EnqueueBatchAsync(null!));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            app.Queue.EnqueueAsync(new Webhook { Id = "w" }, cancellationToken: new CancellationToken(true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            app.Queue.EnqueueBatchAsync([new Webhook { Id = "a" }, new Webhook { Id = "b" }],
                cancellationToken: new CancellationToken(true)));
        await app.Queue.EnqueueAsync(new Webhook { Id = "last" });

        await _journal.SawAsync(1);
        Assert.Equal("last", Assert.Single(_journal.Seen).Webhook.Id);
    }

    [Fact]
    public async Task Webhooks_without_an_id_or_with_the_same_are_all_delivered()
    {
        await using var app = await StartAsync<SingleProcessor>();

        // A repeat is the same message by its id; whether it is dropped is the ingress's business, which asks before it enqueues.
        await app.Queue.EnqueueBatchAsync([new Webhook(), new Webhook(), new Webhook { Id = "same" }, new Webhook { Id = "same" }]);
        await app.Queue.EnqueueAsync(new Webhook { Id = "same" });

        await _journal.SawAsync(5);
    }

    [Fact]
    public async Task Strange_but_valid_content_arrives_as_it_is()
    {
        await using var app = await StartAsync<SingleProcessor>();
        var large = new byte[1 << 20];
        Random.Shared.NextBytes(large);
        Webhook[] strange =
        [
            new() { Id = "large", Body = large },
            new() { Id = "none" },
            new() { Id = "text \0 \"'<>&\u202E \U0001F600 " + new string('x', 5_000), Receiver = "\n", EventType = "a\tb",
                ContentType = "", Tenant = "" },
            new() { Id = "headers", Headers = Enumerable.Range(0, 300).ToDictionary(x => $"x-{x}", x => $"\"{x}\" ü") },
        ];

        await app.Queue.EnqueueBatchAsync(strange);
        foreach (var webhook in strange)
            await app.Queue.EnqueueAsync(webhook with { Tenant = "alone" });

        await _journal.SawAsync(8);
        foreach (var sent in strange)
        {
            var arrived = _journal.Seen.Where(x => x.Webhook.Id == sent.Id).Select(x => x.Webhook).ToArray();
            Assert.Equal(2, arrived.Length);
            Assert.All(arrived, x =>
            {
                Assert.Equal(sent.Body, x.Body);
                Assert.Equal((sent.Receiver, sent.EventType, sent.ContentType), (x.Receiver, x.EventType, x.ContentType));
                Assert.Equal(sent.Headers, x.Headers);
            });
            Assert.Equal(new[] { sent.Tenant, "alone" }.Order(), arrived.Select(x => x.Tenant).Order());
        }
    }

    [Theory]
    [InlineData(Fault.Null)]
    [InlineData(Fault.NullResults)]
    [InlineData(Fault.TooFew)]
    [InlineData(Fault.TooMany)]
    [InlineData(Fault.Throws)]
    [InlineData(Fault.Cancels)]
    public async Task Processor_that_breaks_its_contract_loses_nothing(Fault fault)
    {
        await using var app = await StartAsync<BrokenProcessor>(x => x.AddSingleton(new Behaviour(fault)));

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 10).Select(x => new Webhook { Id = $"{x}" }));

        await Eventually.EqualAsync(10L, async () => (await app.Queue.GetMetricsAsync()).DeadLetters, message: "all to be dead letters");
        var deadLetters = app.Services.GetRequiredService<IWebhookDeadLetters>();
        var letters = (await deadLetters.ListAsync("hooks")).Entries;
        Assert.Equal(10, letters.Select(x => x.Webhook!.Id).Distinct().Count());
        if (fault is not (Fault.Throws or Fault.Cancels))
            Assert.All(letters,
                x => Assert.Contains(nameof(BrokenProcessor) + ".ProcessBatchAsync", x.FaultMessage, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Processor_that_cannot_be_created_loses_nothing()
    {
        // Nobody has registered what it needs.
        await using var app = await StartAsync<BrokenProcessor>();

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 10).Select(x => new Webhook { Id = $"{x}" }));

        await Eventually.EqualAsync(10L, async () => (await app.Queue.GetMetricsAsync()).DeadLetters, message: "all to be dead letters");
        var letter = (await app.Services.GetRequiredService<IWebhookDeadLetters>().ListAsync("hooks")).Entries[0];
        Assert.Contains(nameof(Behaviour), letter.FaultMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filter_that_throws_gives_up_only_what_it_throws_at()
    {
        await using var app = await StartAsync<SingleProcessor>(configure: p =>
            p.Where(x => x.Id != "bad" ? true : throw new InvalidOperationException("It is bad.")));

        await app.Queue.EnqueueBatchAsync([.. Enumerable.Range(0, 9).Select(x => new Webhook { Id = $"{x}" }), new Webhook { Id = "bad" }]);

        await _journal.SawAsync(9);
        await Eventually.TrueAsync(async () => await app.Queue.GetMetricsAsync() is { DeadLetters: 1, QueueSize: 0, Processing: 0 },
            message: "the bad one to be a dead letter");
        Assert.All(Enumerable.Range(0, 9), x => Assert.Equal(1, _journal.Count($"{x}")));
    }

    Task<WebhookApp> StartAsync<TProcessor>(Action<IServiceCollection>? services = null,
        Action<IWebhookProcessorConfigurator>? configure = null)
        where TProcessor : class, IWebhookProcessor =>
        WebhookApp.OnRedisAsync(redis.Server, w => w.AddProcessor<TProcessor>(p =>
        {
            p.QueueName = "hooks";
            p.Retry(r => r.None());
            p.Redelivery(r => r.None());
            configure?.Invoke(p);
        }), x =>
        {
            x.AddSingleton(_journal);
            services?.Invoke(x);
        });

    public enum Fault
    {
        Null,
        NullResults,
        TooFew,
        TooMany,
        Throws,
        Cancels,
    }

    public sealed record Behaviour(Fault Fault);

    public sealed class BrokenProcessor(Behaviour behaviour) : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
            CancellationToken cancellationToken) => behaviour.Fault switch
            {
                Fault.Null => Task.FromResult<IReadOnlyList<WebhookResult>>(null!),
                Fault.NullResults => Task.FromResult<IReadOnlyList<WebhookResult>>(new WebhookResult[batch.Count]),
                Fault.TooFew => Task.FromResult<IReadOnlyList<WebhookResult>>([]),
                Fault.TooMany =>
                    Task.FromResult<IReadOnlyList<WebhookResult>>([.. batch.Select(_ => WebhookResult.Success()), WebhookResult.Success()]),
                Fault.Cancels => throw new OperationCanceledException("On its own account."),
                _ => throw new InvalidOperationException("It is bad."),
            };
    }
}
