using System.Diagnostics.Metrics;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Diagnostics;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MassTransit.Webhooks.Tests.Processing;

/// <summary>Processors that keep to their contract by the letter, or not: nothing is lost, and nothing runs again without need.</summary>
public sealed class CarelessProcessorTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();
    readonly string _prefix = TestNames.Unique("careless");

    [Fact]
    public async Task One_null_among_the_results_fails_that_webhook_alone()
    {
        await using var app = await StartAsync<SingleProcessor>();
        _journal.Answer = x => x.Webhook.Id == "7" ? null! : WebhookResult.Success();

        await SendAsync(app, 50);

        await EndsAsync(app, 49, 1);
        Assert.Contains("returned null", Assert.Single((await app.DeadLetters.ListAsync("hooks")).Entries).FaultMessage,
            StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, 50), x => Assert.Equal(1, _journal.Count($"{x}")));
    }

    [Fact]
    public async Task One_null_in_a_list_of_results_fails_that_webhook_alone()
    {
        await using var app = await StartAsync<BulkProcessor>();
        _journal.Answer = x => x.Webhook.Id == "7" ? null! : WebhookResult.Success();

        await SendAsync(app, 50);

        await EndsAsync(app, 49, 1);
        Assert.All(Enumerable.Range(0, 50), x => Assert.Equal(1, _journal.Count($"{x}")));
    }

    [Fact]
    public async Task List_of_results_that_is_used_again_is_read_once()
    {
        await using var app = await StartAsync<ReusingProcessor>();

        await SendAsync(app, 1_000);

        await EndsAsync(app, 990, 10);
        Assert.All((await app.DeadLetters.ListAsync("hooks")).Entries, x => Assert.EndsWith("7", x.Webhook!.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Webhook_that_its_processor_has_changed_goes_on_as_it_was_received()
    {
        await using var app = await StartAsync<DecryptingProcessor>();

        await SendAsync(app, 50, [1, 2, 3]);

        await EndsAsync(app, 0, 50);
        Assert.All((await app.DeadLetters.ListAsync("hooks")).Entries, x => Assert.Equal([1, 2, 3], x.Webhook!.Body));
    }

    [Fact]
    public async Task Cancellation_of_the_processors_own_is_a_failure_like_any_other()
    {
        await using var app = await StartAsync<SingleProcessor>(p => p.Retry(r => r.Immediate(1)));
        _journal.Answer = x =>
            x.Webhook.Id == "7" ? throw new TaskCanceledException("The backend did not answer in time.") : WebhookResult.Success();

        await SendAsync(app, 20);

        await EndsAsync(app, 19, 1);
        Assert.Equal(2, _journal.Count("7"));
    }

    [Fact]
    public async Task Cancelled_in_the_middle_what_is_done_stays_done()
    {
        using var cancellation = new CancellationTokenSource();
        IWebhookProcessor processor = new CallingProcessor(x =>
        {
            if (x.Id == "2")
                cancellation.Cancel();
            return WebhookResult.Success();
        });

        var results = await processor.ProcessBatchAsync(
            [.. Enumerable.Range(0, 5).Select(x => new WebhookContext(new Webhook { Id = $"{x}" }, 0, 0, false))], cancellation.Token);

        Assert.Equal([WebhookStatus.Succeeded, WebhookStatus.Succeeded, WebhookStatus.Succeeded, WebhookStatus.Retry, WebhookStatus.Retry],
            results.Select(x => x.Status));
        Assert.IsType<OperationCanceledException>(results[3].Exception);
    }

    [Fact]
    public void Time_of_processing_is_that_of_batches_whatever_their_size()
    {
        var counters = new ProcessorCounters("test", TimeProvider.System);
        counters.AddBatch(TimeSpan.FromMilliseconds(100));
        for (var i = 0; i < 99; i++)
            counters.Add(WebhookStatus.Succeeded, TimeSpan.Zero);
        counters.AddBatch(TimeSpan.FromMilliseconds(300));
        counters.Add(WebhookStatus.Failed, TimeSpan.Zero);

        Assert.Equal(TimeSpan.FromMilliseconds(200), counters.Read().AverageProcessingTime);
    }

    [Fact]
    public async Task Listener_that_throws_makes_nothing_run_again_and_is_told_of_once()
    {
        var name = TestNames.Unique("throwing");
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, x) =>
        {
            if (instrument.Name == "masstransit.webhooks.results")
                x.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (Equals(tag.Value, name))
                    throw new InvalidOperationException("The exporter is broken.");
            }
        });
        listener.Start();
        var log = new CountingLogger();
        await using var app = await StartAsync<SingleProcessor>(services: x => x.AddSingleton<ILoggerFactory>(log));

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 50).Select(x => new Webhook { Id = $"{x}", Receiver = name }));

        await EndsAsync(app, 50, 0);
        Assert.All(Enumerable.Range(0, 50), x => Assert.Equal(1, _journal.Count($"{x}")));
        Assert.Equal(1, log.Count);
    }

    [Fact]
    public async Task Scaling_goes_on_after_a_failure_which_is_logged_once()
    {
        var name = TestNames.Unique("scaling");
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, x) =>
        {
            if (instrument.Name == "masstransit.webhooks.scale.decisions")
                x.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (Equals(tags[0].Value, name))
                throw new InvalidOperationException("The exporter is broken.");
        });
        listener.Start();
        var workers = new WorkerLimit(4, 1, 100);
        using var meter = ProcessorMeter.Start(name, workers);
        var log = new CountingLogger();
        var counters = new ProcessorCounters(name, TimeProvider.System) { Workers = workers, Meter = meter };
        await using var scaler = new AutoScaler(workers, counters, TimeProvider.System, TimeSpan.FromMilliseconds(10),
            new FirstFailure(log.CreateLogger(""), name));

        // Idle workers are taken away, step by step, each of which throws.
        await Eventually.EqualAsync(1, () => workers.Limit, message: "scaling goes on");
        await Eventually.EqualAsync(1, () => log.Count, message: "the first failure to be logged");
        await scaler.DisposeAsync();
        Assert.Equal(1, log.Count);
    }

    static Task SendAsync(RedisApp app, int count, byte[]? body = null) =>
        app.Queue.EnqueueBatchAsync(Enumerable.Range(0, count).Select(x => new Webhook { Id = $"{x}", Body = body ?? [] }));

    static Task EndsAsync(RedisApp app, int completed, int dead) => Eventually.TrueAsync(async () =>
        await app.Queue.GetMetricsAsync() is { QueueSize: 0, Processing: 0, Delayed: 0 } metrics
            && (metrics.Completed, metrics.DeadLetters) == (completed, dead),
        message: $"{completed} to be done and {dead} dead");

    Task<RedisApp> StartAsync<TProcessor>(Action<IWebhookProcessorConfigurator>? configure = null,
        Action<IServiceCollection>? services = null)
        where TProcessor : class, IWebhookProcessor =>
            RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<TProcessor>(p =>
        {
            p.QueueName = "hooks";
            p.Retry(r => r.None());
            p.Redelivery(r => r.None());
            configure?.Invoke(p);
        }), services: services);

    /// <summary>One list for all batches, cleared as soon as the next one comes.</summary>
    sealed class ReusingProcessor : IWebhookProcessor
    {
        [ThreadStatic]
        static List<WebhookResult>? _results;

        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
            CancellationToken cancellationToken)
        {
            var results = _results ??= [];
            results.Clear();
            // A hundredth of them: 7, 107, 207, …
            results.AddRange(batch.Select(x => int.Parse(x.Webhook.Id, System.Globalization.CultureInfo.InvariantCulture) % 100 == 7
                ? WebhookResult.Fail("no") : WebhookResult.Success()));
            return Task.FromResult<IReadOnlyList<WebhookResult>>(results);
        }
    }

    /// <summary>Works in the array it was given.</summary>
    sealed class DecryptingProcessor : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
        {
            Array.Clear(webhook.Webhook.Body);
            return Task.FromResult(WebhookResult.Fail("The key is unknown."));
        }
    }

    sealed class CallingProcessor(Func<Webhook, WebhookResult> call) : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            Task.FromResult(call(webhook.Webhook));
    }

    /// <summary>Counts the failures of background work.</summary>
    sealed class CountingLogger : ILoggerFactory, ILogger
    {
        static readonly int BackgroundFailed = LogNumbers.Of(typeof(LogMessages), nameof(LogMessages.BackgroundFailed));
        int _count;

        public int Count => Volatile.Read(ref _count);

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == BackgroundFailed && exception is { StackTrace: not null })
                Interlocked.Increment(ref _count);
        }

        public void Dispose()
        {
        }
    }
}
