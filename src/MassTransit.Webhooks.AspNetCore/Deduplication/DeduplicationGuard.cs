using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Keeps a store that fails or hangs from refusing webhooks or holding them up: without it they are taken, and a repeat has the same id.</summary>
internal sealed class DeduplicationGuard(
    IWebhookDeduplicator store, IOptions<WebhookDeduplicationOptions> options, IngressMetrics metrics, ILogger<DeduplicationGuard> logger) : IDisposable
{
    readonly StoreBreaker _breaker = new(store, logger);

    /// <summary>Why repeats are not recognized now; <c>null</c> where they are.</summary>
    public string? Problem => _breaker.Problem;

    /// <summary>Claims what is free, unless one of the first keys is not: then none.</summary>
    /// <returns>How the keys were found; <c>null</c>: the store cannot be asked, and nothing is claimed.</returns>
    public async Task<WebhookClaim[]?> ClaimAsync(Guid[] keys, int decisive, string owner, TimeSpan pending, Budget budget)
    {
        WebhookClaim[]? found = null;
        await TryAsync(async token => found = await (store is IRepeatStore repeats
            ? repeats.ClaimAsync(keys, decisive, owner, pending, token)
            : store.ClaimEachAsync(keys, decisive, owner, pending, token)).ConfigureAwait(false), budget).ConfigureAwait(false);
        return found;
    }

    public Task ConfirmAsync(Guid[] keys, TimeSpan window, Budget budget) => TryAsync(
        token => store is IRepeatStore repeats ? repeats.ConfirmAsync(keys, window, token) : store.ConfirmEachAsync(keys, window, token), budget);

    public Task ReleaseAsync(Guid[] keys, string owner, Budget budget) => TryAsync(
        token => store is IRepeatStore repeats ? repeats.ReleaseAsync(keys, owner, token) : store.ReleaseEachAsync(keys, owner, token), budget);

    /// <summary>The request asks for nothing more.</summary>
    public void End(Budget budget)
    {
        if (!budget.HasFailed)
            _breaker.Succeeded();
    }

    public Budget Begin() => new(options.Value.Timeout);

    public void Dispose() => _breaker.Dispose();

    async Task TryAsync(Func<CancellationToken, Task> action, Budget budget)
    {
        if (_breaker.IsOpen)
        {
            metrics.DeduplicationFailed();
            return;
        }

        var (started, limit) = (Stopwatch.GetTimestamp(), budget.Left);
        using var cancellation = new CancellationTokenSource(limit);
        try
        {
            var running = action(cancellation.Token);
            if (!running.IsCompletedSuccessfully)
            {
                running.ObserveFailure();
                await running.WaitAsync(limit).ConfigureAwait(false);
            }

        }
        catch (Exception exception)
        {
            budget.HasFailed = true;
            metrics.DeduplicationFailed();
            _breaker.Failed(exception is TimeoutException or OperationCanceledException
                ? new TimeoutException($"the store has not answered within {limit}", exception)
                : exception);
        }
        finally
        {
            budget.Spend(Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>How long one request may still wait for the store.</summary>
    internal sealed class Budget(TimeSpan limit)
    {
        /// <summary>Also when all is spent an answer has a chance: a claim took nearly all, and then the store answers at once.</summary>
        static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

        public TimeSpan Left { get; private set; } = limit;

        public bool HasFailed { get; set; }

        public void Spend(TimeSpan time) => Left = Left - time > Least ? Left - time : Least;
    }
}
