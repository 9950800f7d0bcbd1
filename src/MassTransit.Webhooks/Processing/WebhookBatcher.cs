using System.Diagnostics;
using MassTransit.Webhooks.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks;

/// <summary>
/// Gathers webhooks into batches, by size or after a few milliseconds, and runs them on a bounded number of workers. Without a time
/// limit a batch is what has come while all workers were busy. Every webhook gets its own result, whatever becomes of the others.
/// </summary>
internal sealed class WebhookBatcher<TProcessor> : IAsyncDisposable
    where TProcessor : class, IWebhookProcessor
{
    /// <summary>The runtime's timers go by a clock that moves every 4 ms on Linux, 16 ms on Windows; they end late by up to that.</summary>
    static readonly TimeSpan TimerTick = TimeSpan.FromMilliseconds(OperatingSystem.IsWindows() ? 16 : 4);

    readonly IServiceScopeFactory _scopes;
    readonly WebhookProcessorOptions<TProcessor> _options;
    readonly WorkerLimit _workers;
    readonly ProcessorCounters _counters;
    readonly ProcessorMeter _meter;
    readonly TimeProvider _time;
    readonly Lock _gate = new();
    readonly ITimer _timer;
    readonly bool _waits;
    readonly TimeSpan _wait;
    List<BatchItem> _open = [];

    public WebhookBatcher(IServiceScopeFactory scopes, WebhookProcessorOptions<TProcessor> options, WebhookStatistics statistics, TimeProvider? time = null)
    {
        _scopes = scopes;
        _options = options;
        _time = time ?? TimeProvider.System;
        _counters = statistics.Of(options.Name);
        _workers = options.MaxWorkers > 0
            ? new WorkerLimit(options.MinWorkers, options.MinWorkers, options.MaxWorkers)
            : new WorkerLimit(options.Workers, options.Workers, options.Workers);
        _counters.Workers = _workers;
        _counters.Meter = _meter = ProcessorMeter.Start(options.Name, _workers);
        _timer = _time.CreateTimer(static state => ((WebhookBatcher<TProcessor>)state!).FlushOpen(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _waits = options.BatchTimeLimit > TimeSpan.Zero;
        var least = TimeSpan.FromMilliseconds(1);
        _wait = options.BatchTimeLimit > TimerTick + least ? options.BatchTimeLimit - TimerTick : least;
        Scaling = options.MaxWorkers > options.MinWorkers ? new AutoScaler(_workers, _counters, _time, options.ScaleInterval) : null;
    }

    /// <summary>How many webhooks are processed at a time.</summary>
    public int Capacity => _workers.Limit * _options.BatchSize;

    AutoScaler? Scaling { get; }

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

    /// <summary>All of a bundle at once.</summary>
    public Task<WebhookResult[]> ProcessAsync(ConsumeContext context, IReadOnlyList<Webhook> webhooks)
    {
        var bundle = new BundleItems(context, webhooks);
        List<List<BatchItem>>? full = null;
        lock (_gate)
        {
            var first = _open.Count == 0;
            foreach (var item in bundle.Items)
            {
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
    /// Without a time limit: the open batch need not wait. Asked under the gate, after the batch has got its webhooks; a worker that becomes
    /// free looks at the batch under the gate afterwards. So one of both sees the other.
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
        await _workers.EnterAsync().ConfigureAwait(false);
        try
        {
            // Off the thread that completed the batch: it has messages to take in.
            await Task.Yield();
            SortByUrgency(batch);
            await ProcessAsync(batch).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // A scope or a processor that cannot be created fails each webhook, so that each is retried.
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

    /// <summary>Most batches come in order; webhooks of one bundle stay in theirs.</summary>
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
        using var cancellation = new BatchCancellation(batch);
        var contexts = batch.ConvertAll(x => x.ToContext());
        var started = _time.GetTimestamp();
        await using var scope = _scopes.CreateAsyncScope();
        var processor = scope.ServiceProvider.GetRequiredService<TProcessor>();
        using var trace = BatchActivity.Start(contexts, _options.QueueName, _options.Name);
        IReadOnlyList<WebhookResult>? results = null;
        try
        {
            results = await processor.ProcessBatchAsync(contexts, cancellation.Token).ConfigureAwait(false);
            if (results.Count != batch.Count || results.Contains(null!))
                throw new InvalidOperationException($"{typeof(TProcessor).Name}.ProcessBatchAsync returned {results.Count(x => x is not null)} results for {batch.Count} webhooks; it must return one for each, in their order.");
        }
        catch (Exception exception) when (!cancellation.Token.IsCancellationRequested)
        {
            trace?.Failed(exception);
            results = batch.Count == 1
                ? [WebhookResult.FromException(exception)]
                : await ProcessAloneAsync(processor, contexts, cancellation.Token).ConfigureAwait(false);
        }

        var elapsed = _time.GetElapsedTime(started);
        var now = _time.GetUtcNow();
        _meter.Batch(batch.Count, elapsed);
        for (var i = 0; i < batch.Count; i++)
        {
            var received = batch[i].Webhook.ReceivedAt;
            var latency = received > DateTimeOffset.UnixEpoch ? now - received : elapsed;
            _counters.Add(results[i].Status, results[i].ProcessingTime ?? elapsed, latency);
            _meter.Processed(batch[i].Webhook, results[i].Status, latency);
            trace?.Complete(contexts[i], results[i]);
            // Only a sender that waits for an answer is told the time.
            batch[i].Complete(batch[i].WantsReply && results[i].ProcessingTime is null ? results[i] with { ProcessingTime = elapsed } : results[i]);
        }
    }

    /// <summary>Somebody in the batch made it fail: alone, only that one does.</summary>
    static async Task<IReadOnlyList<WebhookResult>> ProcessAloneAsync(TProcessor processor, List<WebhookContext> contexts, CancellationToken cancellationToken)
    {
        var results = new WebhookResult[contexts.Count];
        for (var i = 0; i < results.Length; i++)
        {
            try
            {
                WebhookActivities.Enter(contexts[i]);
                var alone = await processor.ProcessBatchAsync([contexts[i]], cancellationToken).ConfigureAwait(false);
                results[i] = alone is [{ } result] ? result : throw new InvalidOperationException($"{typeof(TProcessor).Name}.ProcessBatchAsync returned no result for a webhook alone; it must return one for each.");
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                results[i] = WebhookResult.FromException(exception);
            }
        }

        return results;
    }
}
