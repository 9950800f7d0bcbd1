using System.Collections.Concurrent;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Processing;

/// <summary>
/// What a failed batch leaves in its scope, as a DbContext leaves the entities it could not save. Once every webhook of the batch was then
/// processed alone by the same processor, and failed by the same entities.
/// </summary>
public sealed class ScopeTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();
    readonly Scopes _scopes = new();
    readonly string _prefix = TestNames.Unique("scopes");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_failed_batch_each_webhook_has_a_scope_of_its_own(bool asBatchConsumer)
    {
        await using var app = await StartAsync(asBatchConsumer);

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 49).Select(x => new Webhook { Id = $"{x}" })
            .Append(new Webhook { Id = "bad" }));

        await Eventually.TrueAsync(async () => await app.Queue.GetMetricsAsync() is
        {
            DeadLetters: 1, Completed: 49, QueueSize: 0,
            Processing: 0
        }, message: "one to be dead and 49 to be done");
        Assert.Equal("bad", Assert.Single((await app.DeadLetters.ListAsync("hooks")).Entries).Webhook!.Id);
        Assert.All(Enumerable.Range(0, 49), x => Assert.Equal(1, _journal.Count($"{x}")));
        Assert.Equal(_scopes.Created, _scopes.Disposed);
        Assert.Empty(_scopes.Overlapping);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Scope_that_cannot_be_made_for_a_batch_is_made_for_each(bool asBatchConsumer)
    {
        // The first batch and one webhook of it have none.
        _scopes.Refusals = 2;
        await using var app = await StartAsync(asBatchConsumer, p => p.Retry(r => r.Immediate(1)));

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 50).Select(x => new Webhook { Id = $"{x}" }));

        await Eventually.TrueAsync(async () =>
            await app.Queue.GetMetricsAsync() is { Completed: 50, DeadLetters: 0, QueueSize: 0, Processing: 0 }, message: "all to be done");
        Assert.All(Enumerable.Range(0, 50), x => Assert.Equal(1, _journal.Count($"{x}")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Scope_that_cannot_be_disposed_of_does_not_undo_what_was_done(bool asBatchConsumer)
    {
        _scopes.DisposalFails = true;
        await using var app = await StartAsync(asBatchConsumer);

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 50).Select(x => new Webhook { Id = $"{x}" }));

        await Eventually.TrueAsync(async () =>
            await app.Queue.GetMetricsAsync() is { Completed: 50, DeadLetters: 0, QueueSize: 0, Processing: 0 }, message: "all to be done");
        Assert.All(Enumerable.Range(0, 50), x => Assert.Equal(1, _journal.Count($"{x}")));
    }

    Task<RedisApp> StartAsync(bool asBatchConsumer, Action<IWebhookProcessorConfigurator>? configure = null)
    {
        return RedisApp.StartAsync(redis.Server, _prefix, _journal, w =>
        {
            if (asBatchConsumer)
                w.AddBatchConsumer<SavingConsumer>(Configure);
            else
                w.AddProcessor<SavingProcessor>(Configure);
        }, services: x => x.AddSingleton(_scopes).AddScoped<Session>());

        void Configure(IWebhookProcessorConfigurator p)
        {
            p.QueueName = "hooks";
            p.Workers = 1;
            p.BatchTimeLimit = TimeSpan.FromMilliseconds(200);
            p.Retry(r => r.None());
            p.Redelivery(r => r.None());
            configure?.Invoke(p);
        }
    }

    sealed class Scopes
    {
        int _created;
        int _disposed;
        int _open;
        int _refusals;

        public int Refusals
        {
            set => _refusals = value;
        }

        public bool DisposalFails { get; set; }

        public int Created => Volatile.Read(ref _created);

        public int Disposed => Volatile.Read(ref _disposed);

        /// <summary>With one worker no two are open: the failed one has let go of what it holds.</summary>
        public ConcurrentQueue<int> Overlapping { get; } = new();

        public void Open()
        {
            if (Interlocked.Decrement(ref _refusals) >= 0)
                throw new InvalidOperationException("No connection is free.");
            Interlocked.Increment(ref _created);
            if (Interlocked.Increment(ref _open) is > 1 and var open)
                Overlapping.Enqueue(open);
        }

        public void Close()
        {
            Interlocked.Decrement(ref _open);
            Interlocked.Increment(ref _disposed);
            if (DisposalFails)
                throw new InvalidOperationException("The connection was lost.");
        }
    }

    /// <summary>A unit of work: one that has failed fails for ever.</summary>
    sealed class Session : IDisposable
    {
        readonly Scopes _scopes;
        bool _poisoned;

        public Session(Scopes scopes)
        {
            _scopes = scopes;
            scopes.Open();
        }

        public void Save(IEnumerable<Webhook> webhooks)
        {
            _poisoned |= webhooks.Any(x => x.Id == "bad");
            if (_poisoned)
                throw new InvalidOperationException("An entity of this unit of work cannot be saved.");
        }

        public void Dispose() => _scopes.Close();
    }

    sealed class SavingProcessor(Session session, Journal journal) : IWebhookProcessor
    {
        public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            (await ProcessBatchAsync([webhook], cancellationToken))[0];

        public Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
            CancellationToken cancellationToken)
        {
            session.Save(batch.Select(x => x.Webhook));
            foreach (var webhook in batch)
                journal.Seen.Enqueue(webhook);
            return Task.FromResult<IReadOnlyList<WebhookResult>>([.. batch.Select(_ => WebhookResult.Success())]);
        }
    }

    sealed class SavingConsumer(Session session, Journal journal) : IConsumer<Batch<Webhook>>
    {
        public Task Consume(ConsumeContext<Batch<Webhook>> context)
        {
            session.Save(context.Message.Select(x => x.Message));
            foreach (var webhook in context.Message)
                journal.Seen.Enqueue(new WebhookContext(webhook.Message, 0, 0, false));
            return Task.CompletedTask;
        }
    }
}
