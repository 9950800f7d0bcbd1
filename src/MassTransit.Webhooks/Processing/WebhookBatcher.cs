using System.Diagnostics;
using MassTransit.Webhooks.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks;

/// <summary>
/// Gathers webhooks into batches, by size or after a few milliseconds, and runs them on a bounded number of workers. Every
/// webhook gets its own result, whatever becomes of the others.
/// </summary>
internal sealed class WebhookBatcher<TProcessor> : IAsyncDisposable
    where TProcessor : class, IWebhookProcessor
{
    readonly IServiceScopeFactory _scopes;
    readonly WebhookProcessorOptions<TProcessor> _options;
    readonly WorkerLimit _workers;
    readonly ProcessorCounters _counters;
    readonly TimeProvider _time;
    readonly Lock _gate = new();
    readonly ITimer _timer;
    List<Item> _open = [];

    public WebhookBatcher(IServiceScopeFactory scopes, WebhookProcessorOptions<TProcessor> options, WebhookStatistics statistics, TimeProvider? time = null)
    {
        _scopes = scopes;
        _options = options;
        _time = time ?? TimeProvider.System;
        _counters = statistics.Of(typeof(TProcessor).Name);
        _workers = options.MaxWorkers > 0
            ? new WorkerLimit(options.MinWorkers, options.MinWorkers, options.MaxWorkers)
            : new WorkerLimit(options.Workers, options.Workers, options.Workers);
        _counters.Workers = _workers;
        _timer = _time.CreateTimer(static state => ((WebhookBatcher<TProcessor>)state!).FlushOpen(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Scaling = options.MaxWorkers > options.MinWorkers ? new AutoScaler(_workers, _counters, _time) : null;
    }

    AutoScaler? Scaling { get; }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        if (Scaling is not null)
            await Scaling.DisposeAsync().ConfigureAwait(false);
    }

    public Task<WebhookResult> ProcessAsync(ConsumeContext<Webhook> context)
    {
        var item = new Item(context);
        List<Item>? full = null;
        lock (_gate)
        {
            _open.Add(item);
            if (_open.Count >= _options.BatchSize || _options.BatchTimeLimit == TimeSpan.Zero)
                full = TakeOpen();
            else if (_open.Count == 1)
                _timer.Change(_options.BatchTimeLimit, Timeout.InfiniteTimeSpan);
        }

        if (full is not null)
            _ = RunAsync(full);
        return item.Task;
    }

    void FlushOpen()
    {
        List<Item> batch;
        lock (_gate)
        {
            if (_open.Count == 0)
                return;
            batch = TakeOpen();
        }

        _ = RunAsync(batch);
    }

    List<Item> TakeOpen()
    {
        var batch = _open;
        _open = new List<Item>(_options.BatchSize);
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return batch;
    }

    async Task RunAsync(List<Item> batch)
    {
        await _workers.EnterAsync().ConfigureAwait(false);
        try
        {
            // Off the thread that completed the batch: it has messages to take in.
            await Task.Yield();
            batch.Sort(static (x, y) => x.Sequence.CompareTo(y.Sequence));
            await ProcessAsync(batch).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // A scope or a processor that cannot be created fails each webhook, so that each is retried.
            foreach (var item in batch)
                item.TrySetException(exception);
        }
        finally
        {
            _workers.Leave();
        }
    }

    async Task ProcessAsync(List<Item> batch)
    {
        using var cancellation = new BatchCancellation(batch.ConvertAll(x => x.Context.CancellationToken));
        var contexts = batch.ConvertAll(x => x.ToContext());
        var started = _time.GetTimestamp();
        await using var scope = _scopes.CreateAsyncScope();
        var processor = scope.ServiceProvider.GetRequiredService<TProcessor>();
        using var trace = BatchActivity.Start(contexts, _options.QueueName, typeof(TProcessor));
        IReadOnlyList<WebhookResult>? results = null;
        try
        {
            results = await processor.ProcessBatchAsync(contexts, cancellation.Token).ConfigureAwait(false);
            if (results.Count != batch.Count)
                throw new InvalidOperationException($"{typeof(TProcessor).Name}.ProcessBatchAsync returned {results.Count} results for {batch.Count} webhooks; it must return one for each, in their order.");
        }
        catch (Exception exception) when (!cancellation.Token.IsCancellationRequested)
        {
            trace?.Failed(exception);
            results = batch.Count == 1
                ? [WebhookResult.FromException(exception)]
                : await ProcessAloneAsync(processor, contexts, cancellation.Token).ConfigureAwait(false);
        }

        var elapsed = _time.GetElapsedTime(started);
        for (var i = 0; i < batch.Count; i++)
        {
            _counters.Add(results[i].Status, elapsed, DateTimeOffset.FromUnixTimeMilliseconds(0) < batch[i].Context.Message.ReceivedAt
                ? _time.GetUtcNow() - batch[i].Context.Message.ReceivedAt
                : elapsed);
            trace?.Complete(contexts[i], results[i]);
            batch[i].TrySetResult(results[i]);
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
                results[i] = alone[0];
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                results[i] = WebhookResult.FromException(exception);
            }
        }

        return results;
    }

    sealed class Item(ConsumeContext<Webhook> context) : TaskCompletionSource<WebhookResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        readonly Activity? _activity = WebhookActivities.Current;

        public ConsumeContext<Webhook> Context { get; } = context;

        public ulong Sequence { get; } = context.TryGetPayload<ITransportSequenceNumber>(out var sequence) ? sequence.SequenceNumber ?? 0 : 0;

        public WebhookContext ToContext() =>
            new(Context.Message, Context.GetRetryAttempt(), Context.GetRedeliveryCount(), Context.ReceiveContext.Redelivered) { Activity = _activity };
    }
}
