using System.Collections.Concurrent;
using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Bundles;

/// <summary>
/// Batches behind an outbox: what a batch sends goes out once it is done, and not at all where it is not. A bundle was settled in parts
/// before its outbox had sent anything, and what a failed batch had put there was sent with what each of its webhooks sent alone.
/// </summary>
public sealed class OutboxTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();
    readonly Trouble _trouble = new();
    readonly string _prefix = TestNames.Unique("outbox");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_batch_sends_goes_out_once_for_each_webhook_that_is_done_and_never_for_one_that_is_not(bool byMessage)
    {
        _trouble.ByMessage = byMessage;
        _trouble.IsBad = x => x is "5" or "6" or "7";
        await using var app = await StartAsync();

        await app.Queue.EnqueueBatchAsync(Webhooks(100));

        await SettledAsync(app, dead: 3, done: 97);
        await AllSentAsync(Enumerable.Range(0, 100).Except([5, 6, 7]));
    }

    [Fact]
    public async Task What_is_sent_while_the_destination_is_away_is_not_lost_with_its_bundle()
    {
        // As often as a server is away that has just taken a bundle apart: once it had settled what was done, and then could not send.
        _trouble.SendsThatFail = 3;
        _trouble.IsBad = x => x is "5";
        await using var app = await StartAsync();

        await app.Queue.EnqueueBatchAsync(Webhooks(100));

        await SettledAsync(app, dead: 1, done: 99);
        Assert.Equal(0, _trouble.SendsThatFail);
        // Of an attempt that was interrupted a part may be out already; nothing may be missing.
        await Eventually.EqualAsync(99, () => _trouble.Sent.Distinct().Count(), message: "each to be sent");
        Assert.DoesNotContain("5", _trouble.Sent);
    }

    [Fact]
    public async Task Bundle_that_cannot_be_taken_apart_sends_nothing_before_it_can()
    {
        _trouble.SplitsThatFail = 3;
        await using var app = await StartAsync();

        await app.Queue.EnqueueBatchAsync(Webhooks(100));

        await SettledAsync(app, dead: 0, done: 100);
        Assert.Equal(0, _trouble.SplitsThatFail);
        await AllSentAsync(Enumerable.Range(0, 100));
        Assert.Equal(100, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
    }

    [Fact]
    public async Task Batch_in_hand_when_its_bus_stops_or_its_leases_end_sends_once_by_whoever_finishes_it()
    {
        _trouble.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = await StartAsync();
        await first.Queue.EnqueueBatchAsync(Webhooks(100));
        await Eventually.TrueAsync(() => _trouble.Waiting > 0, message: "a batch to be in hand");

        // The bus stops in the midst of it, longer than it waits for its consumers: what was in hand goes back.
        await first.DisposeAsync();
        _trouble.Gate.SetResult();
        await using var second = await StartAsync();

        await SettledAsync(second, dead: 0, done: 100);
        await AllSentAsync(Enumerable.Range(0, 100));
    }

    [Fact]
    public async Task Processor_behind_an_outbox_gets_bundles_whole_and_what_is_done_is_not_done_again()
    {
        _trouble.SplitsThatFail = 3;
        _journal.Answer = x => x.Webhook.Id is "5" ? WebhookResult.Fail("no") : WebhookResult.Success();
        await using var app = await StartAsync(w => w.AddProcessor<BulkProcessor>(p => p.QueueName = "hooks"));

        await app.Queue.EnqueueBatchAsync(Webhooks(100));

        await SettledAsync(app, dead: 1, done: 99);
        Assert.All(_journal.Seen.GroupBy(x => x.Webhook.Id), x => Assert.Single(x));
    }

    static IEnumerable<Webhook> Webhooks(int count) => Enumerable.Range(0, count).Select(x => new Webhook { Id = $"{x}" });

    static Task SettledAsync(RedisApp app, long dead, long done) => Eventually.TrueAsync(
        async () => await app.Queue.GetMetricsAsync() is { QueueSize: 0, Processing: 0, Delayed: 0 } x
            && (x.DeadLetters, x.Completed) == (dead, done),
        message: $"{done} to be done and {dead} dead");

    /// <summary>Each once. Whoever sends twice has sent when all is settled: what is sent is received in its order.</summary>
    async Task AllSentAsync(IEnumerable<int> expected)
    {
        string[] all = [.. expected.Select(x => $"{x}")];
        await Eventually.TrueAsync(() => all.All(_trouble.Sent.Contains), message: "all to be sent");
        Assert.Equal(all.Order(StringComparer.Ordinal), _trouble.Sent.Order(StringComparer.Ordinal));
    }

    Task<RedisApp> StartAsync(Action<IWebhookConfigurator>? webhooks = null) => RedisApp.StartAsync(redis.Server, _prefix, _journal,
        w =>
        {
            FailingTransport.Use(w, _trouble);
            if (webhooks is null)
                w.AddBatchConsumer<SendingConsumer>(p =>
                {
                    p.QueueName = "hooks";
                    p.Retry(r => r.Immediate(5));
                    p.Redelivery(r => r.None());
                });
            else
                webhooks(w);
        }, x =>
        {
            x.AddSingleton(_trouble);
            x.AddConfigureEndpointsCallback((context, name, endpoint) =>
            {
                if (name == "hooks")
                    endpoint.UseInMemoryOutbox(context);
            });
        }, (_, cfg) =>
        {
            cfg.ConfigureSend(s => s.UseExecute(_trouble.OnSend));
            cfg.ReceiveEndpoint("done", e => e.Handler<Done>(x =>
            {
                _trouble.Sent.Enqueue(x.Message.Id);
                return Task.CompletedTask;
            }));
        });

    public sealed record Done(string Id);

    public sealed class Trouble
    {
        int _splits;
        int _sends;
        int _waiting;

        public bool ByMessage { get; set; }

        public Func<string, bool> IsBad { get; set; } = _ => false;

        public TaskCompletionSource? Gate { get; set; }

        public int Waiting => Volatile.Read(ref _waiting);

        public ConcurrentQueue<string> Sent { get; } = new();

        public int SplitsThatFail
        {
            get => Math.Max(0, Volatile.Read(ref _splits));
            set => _splits = value;
        }

        public int SendsThatFail
        {
            get => Math.Max(0, Volatile.Read(ref _sends));
            set => _sends = value;
        }

        public bool SplitFails() => Interlocked.Decrement(ref _splits) >= 0;

        public void OnSend(SendContext context)
        {
            if (context is SendContext<Done> && Interlocked.Decrement(ref _sends) >= 0)
                throw new RedisTransportException("The server is away.") { IsTransient = true };
        }

        public Task WaitAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _waiting);
            return Gate?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
        }
    }

    /// <summary>Sends for each webhook, and then finds that one of them is bad.</summary>
    sealed class SendingConsumer(Journal journal, Trouble trouble) : IConsumer<Batch<Webhook>>
    {
        public async Task Consume(ConsumeContext<Batch<Webhook>> context)
        {
            foreach (var webhook in context.Message)
            {
                journal.Seen.Enqueue(new WebhookContext(webhook.Message, 0, 0, false));
                await (trouble.ByMessage ? (ConsumeContext)webhook : context).Send(new Uri("queue:done"), new Done(webhook.Message.Id));
            }

            await trouble.WaitAsync(context.CancellationToken);
            if (context.Message.Any(x => trouble.IsBad(x.Message.Id)))
                throw new InvalidOperationException("Nobody knows this customer.");
        }
    }

    /// <summary>A server that is away whenever a bundle is to be taken apart.</summary>
    sealed class FailingTransport(IBundleConsuming inner, Trouble trouble) : IBundleConsuming
    {
        public static void Use(IWebhookConfigurator webhooks, Trouble trouble)
        {
            var redis = webhooks.Registration.Single(x => x.ServiceType == typeof(Bind<IBus, IBundleConsuming>)).ImplementationFactory!;
            webhooks.Registration.ReplaceInBus<IBus, IBundleConsuming>(x =>
                new FailingTransport(((Bind<IBus, IBundleConsuming>)redis(x)).Value, trouble));
        }

        public int GetMessageCount(ConsumeContext context) => inner.GetMessageCount(context);

        public void Return(ConsumeContext context) => inner.Return(context);

        public bool IsReturned(ConsumeContext context) => inner.IsReturned(context);

        public bool WasDelivered(ConsumeContext context) => inner.WasDelivered(context);

        public Task SplitAsync(ConsumeContext<WebhookBundle> context, IReadOnlyList<BundlePart> parts) =>
            trouble.SplitFails() ? throw new TimeoutException("The server is away.") : inner.SplitAsync(context, parts);
    }
}
