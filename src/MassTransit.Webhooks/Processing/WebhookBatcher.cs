using System.Diagnostics;
using MassTransit.Webhooks.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MassTransit.Webhooks;

/// <summary>
/// Gathers webhooks into batches, which start when they are full or after a few milliseconds, and runs them on a limited number of workers.
/// Without a time limit a batch holds what has arrived while all workers were busy. Every webhook gets its own result.
/// </summary>
internal sealed partial class WebhookBatcher<TProcessor> : IProcessorFigures, IAsyncDisposable
    where TProcessor : class, IWebhookProcessor
{
    /// <summary>
    /// The precision of the runtime's timers. Their clock advances every 4 ms on Linux and every 16 ms on Windows, and they fire late by up
    /// to that.
    /// </summary>
    static readonly TimeSpan TimerTick = TimeSpan.FromMilliseconds(OperatingSystem.IsWindows() ? 16 : 4);

    readonly IServiceScopeFactory _scopes;
    readonly WebhookProcessorOptions<TProcessor> _options;
    readonly WorkerLimit _workers;
    readonly ProcessorCounters _counters;
    readonly ProcessorMeter _meter;
    readonly TimeProvider _time;
    readonly FirstFailure _failures;
    readonly ILogger _logger;
    readonly Lock _gate = new();
    readonly ITimer _timer;
    readonly bool _waits;
    readonly TimeSpan _wait;
    List<BatchItem> _open = [];

    public WebhookBatcher(IServiceScopeFactory scopes, WebhookProcessorOptions<TProcessor> options, WebhookStatistics statistics,
        TimeProvider? time = null,
        ILogger<WebhookBatcher<TProcessor>>? logger = null)
    {
        _scopes = scopes;
        _options = options;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<WebhookBatcher<TProcessor>>.Instance;
        _failures = new FirstFailure(_logger, options.Name);
        _counters = statistics.Of(options.Name);
        _workers = options.MaxWorkers > 0
            ? new WorkerLimit(options.MinWorkers, options.MinWorkers, options.MaxWorkers)
            : new WorkerLimit(options.Workers, options.Workers, options.Workers);
        _counters.Workers = _workers;
        _counters.Meter = _meter = ProcessorMeter.Start(options.Name, _workers);
        _timer = _time.CreateTimer(static state => ((WebhookBatcher<TProcessor>)state!).FlushOpen(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _waits = options.BatchTimeLimit > TimeSpan.Zero;
        var least = TimeSpan.FromMilliseconds(1);
        _wait = options.BatchTimeLimit > TimerTick + least ? options.BatchTimeLimit - TimerTick : least;
        Scaling = options.MaxWorkers > options.MinWorkers
            ? new AutoScaler(_workers, _counters, _time, options.ScaleInterval, _failures) : null;
    }

    /// <summary>How many webhooks can be processed at a time.</summary>
    public int Capacity => _workers.Limit * _options.BatchSize;

    AutoScaler? Scaling { get; }

    public ProcessorFigures Read()
    {
        var (median, percentile) = _counters.ReadLatency();
        return new ProcessorFigures(_workers.Active, _workers.Limit, _options.Most,
            _workers.Waiting, median, percentile);
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        if (Scaling is not null)
            await Scaling.DisposeAsync().ConfigureAwait(false);
        _meter.Dispose();
    }

    public Task<WebhookResult> ProcessAsync(ConsumeContext<Webhook> context)
    {
        var item = new MessageItem(context);
        List<BatchItem>? full = null;
        lock (_gate)
        {
            if (IsHeldBack(item))
            {
                item.GiveBack();
                return item.Task;
            }

            _open.Add(item);
            if (_open.Count >= _options.BatchSize || IsWorkerFree())
                full = TakeOpen();
            else if (_waits && _open.Count == 1)
                _timer.Change(_wait, Timeout.InfiniteTimeSpan);
        }

        if (full is not null)
            _ = RunAsync(full);
        return item.Task;
    }

    /// <summary>Processes all webhooks of a bundle at once.</summary>
    public Task<WebhookResult[]> ProcessAsync(ConsumeContext context, IReadOnlyList<Webhook> webhooks)
    {
        var bundle = new BundleItems(context, webhooks);
        List<List<BatchItem>>? full = null;
        lock (_gate)
        {
            var first = _open.Count == 0;
            foreach (var item in bundle.Items)
            {
                if (IsHeldBack(item))
                {
                    item.GiveBack();
                    continue;
                }

                _open.Add(item);
                if (_open.Count >= _options.BatchSize)
                    (full ??= []).Add(TakeOpen());
            }

            if (_open.Count > 0 && full is null && IsWorkerFree())
                (full ??= []).Add(TakeOpen());
            else if (_waits && _open.Count > 0 && (first || full is not null))
                _timer.Change(_wait, Timeout.InfiniteTimeSpan);
        }

        if (full is not null)
        {
            foreach (var batch in full)
                _ = RunAsync(batch);
        }

        return bundle.Task;
    }

    /// <summary>
    /// True if there is no time limit and a worker is free, so that the open batch need not wait. It is called under the gate after the
    /// webhooks were added to the batch, and a worker that becomes free looks at the batch under the gate afterwards. So one of them always
    /// sees the other.
    /// </summary>
    bool IsWorkerFree() => !_waits && _workers.HasRoom;

    void FlushOpen()
    {
        List<BatchItem> batch;
        lock (_gate)
        {
            if (_open.Count == 0)
                return;
            batch = TakeOpen();
        }

        _ = RunAsync(batch);
    }

    List<BatchItem> TakeOpen()
    {
        var batch = _open;
        _open = new List<BatchItem>(_options.BatchSize);
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return batch;
    }

    async Task RunAsync(List<BatchItem> batch)
    {
        if (!await EnterAsync(batch).ConfigureAwait(false))
            return;

        try
        {
            // Leaves the thread that has completed the batch, because that thread must take in further messages.
            await Task.Yield();
            SortByUrgency(batch);
            await ProcessAsync(batch).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // If the scope or the processor cannot be created, every webhook fails, so that each is retried.
            foreach (var item in batch)
                item.Fail(exception);
        }
        finally
        {
            _workers.Leave();
            if (!_waits)
                FlushOpen();
        }
    }

    /// <summary>Sorts a batch by urgency. Most batches are already in order. Webhooks of one bundle keep their order.</summary>
    static void SortByUrgency(List<BatchItem> batch)
    {
        for (var i = 1; i < batch.Count; i++)
        {
            if (batch[i - 1].Sequence <= batch[i].Sequence)
                continue;

            var sorted = batch.OrderBy(x => x.Sequence).ToList();
            batch.Clear();
            batch.AddRange(sorted);
            return;
        }
    }

    async Task ProcessAsync(List<BatchItem> batch)
    {
        DropCancelled(batch);
        await BatchLease.DropLostAsync(batch).ConfigureAwait(false);
        if (batch.Count == 0)
            return;

        using var cancellation = new BatchCancellation(batch);
        var contexts = batch.ConvertAll(x => x.ToContext());
        var started = _time.GetTimestamp();
        using var trace = BatchActivity.Start(contexts, _options.QueueName, _options.Name);
        WebhookResult[] results;
        try
        {
            results = await ProcessInScopeAsync(contexts, cancellation.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellation.Token.IsCancellationRequested)
        {
            trace?.Failed(exception);
            results = batch.Count == 1
                ? [WebhookResult.FromException(exception)]
                : await ProcessAloneAsync(contexts, cancellation.Token).ConfigureAwait(false);
        }

        Complete(batch, contexts, results, _time.GetElapsedTime(started), trace);
    }

    /// <summary>Removes webhooks whose messages were lost while they waited. Another receiver has them, or will get them.</summary>
    static void DropCancelled(List<BatchItem> batch) => batch.RemoveAll(static x =>
    {
        if (!x.CancellationToken.IsCancellationRequested)
            return false;
        x.Fail(new OperationCanceledException(x.CancellationToken));
        return true;
    });

    /// <summary>
    /// Processes webhooks in a new scope, which has ended when this returns. What a failed batch has left in its scope, such as locks, must
    /// not affect the webhooks that are processed next.
    /// </summary>
    async Task<WebhookResult[]> ProcessInScopeAsync(List<WebhookContext> contexts, CancellationToken cancellationToken)
    {
        var scope = _scopes.CreateAsyncScope();
        try
        {
            var processor = scope.ServiceProvider.GetRequiredService<TProcessor>();
            var results = await processor.ProcessBatchAsync(contexts, cancellationToken).ConfigureAwait(false);
            return Check(results, contexts.Count);
        }
        finally
        {
            try
            {
                await scope.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // A failure to dispose the scope does not change the results, and does not hide an exception of the processor.
                LogMessages.DisposalFailed(_logger, _options.Name, exception);
            }
        }
    }

    /// <summary>
    /// Copies the results, because the list belongs to the processor. A missing result of one webhook does not affect the others.
    /// </summary>
    static WebhookResult[] Check(IReadOnlyList<WebhookResult>? results, int count)
    {
        if (results?.Count != count)
            throw Wrong($"{results?.Count ?? 0} results for {count} webhooks");

        var copy = new WebhookResult[count];
        for (var i = 0; i < count; i++)
            copy[i] = results[i] ?? WebhookResult.FromException(Wrong($"null for webhook {i + 1} of {count}"));
        return copy;
    }

    static InvalidOperationException Wrong(string what) =>
        new($"{typeof(TProcessor).Name}.ProcessBatchAsync returned {what}; it must return one result for each, in their order.");

    /// <summary>
    /// Processes the webhooks of a failed batch one by one, each with its own scope and processor, so that only the one that caused the
    /// failure fails.
    /// </summary>
    async Task<WebhookResult[]> ProcessAloneAsync(List<WebhookContext> contexts, CancellationToken cancellationToken)
    {
        var results = new WebhookResult[contexts.Count];
        for (var i = 0; i < results.Length; i++)
        {
            try
            {
                // Webhooks that are done stay done.
                cancellationToken.ThrowIfCancellationRequested();
                WebhookActivities.Enter(contexts[i]);
                results[i] = (await ProcessInScopeAsync([contexts[i]], cancellationToken).ConfigureAwait(false))[0];
            }
            catch (Exception exception)
            {
                results[i] = WebhookResult.FromException(exception);
            }
        }

        return results;
    }

    void Complete(List<BatchItem> batch, List<WebhookContext> contexts, WebhookResult[] results, TimeSpan elapsed, BatchActivity? trace)
    {
        var now = _time.GetUtcNow();
        _counters.AddBatch(elapsed);
        for (var i = 0; i < batch.Count; i++)
        {
            var received = batch[i].Webhook.ReceivedAt;
            var latency = received > DateTimeOffset.UnixEpoch ? now - received : elapsed;
            _counters.Add(results[i].Status, Counts(batch[i].Webhook) ? latency : null);
            try
            {
                // Listeners of the application run in here. Their exceptions must not make webhooks run again.
                if (i == 0)
                    _meter.Batch(batch.Count, elapsed);
                _meter.Processed(batch[i].Webhook, results[i].Status, latency);
                trace?.Complete(contexts[i], results[i]);
            }
            catch (Exception exception)
            {
                _failures.Report("counting", exception);
            }

            // The time is set only if a sender waits for an answer.
            batch[i].Complete(batch[i].WantsReply && results[i].ProcessingTime is null
                ? results[i] with { ProcessingTime = elapsed } : results[i]);
        }
    }
}
