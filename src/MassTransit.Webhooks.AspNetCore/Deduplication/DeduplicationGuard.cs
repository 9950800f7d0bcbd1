using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Protects the ingress from a store that fails or hangs. Webhooks are then accepted without the store, and a repeat is published again as
/// a message with the same id.
/// </summary>
internal sealed class DeduplicationGuard(
    IWebhookDeduplicator store, IOptions<WebhookDeduplicationOptions> options, IngressMetrics metrics,
    ILogger<DeduplicationGuard> logger) : IDisposable
{
    readonly StoreBreaker _breaker = new(store, logger);

    /// <summary>Why repeats are not recognized now; <c>null</c> if they are.</summary>
    public string? Problem => _breaker.Problem;

    /// <summary>Claims all keys that are free. If one of the first <paramref name="decisive"/> keys is not free, claims none.</summary>
    /// <returns>What each key was found to be; <c>null</c> if the store cannot be asked and nothing is claimed.</returns>
    public async Task<WebhookClaim[]?> ClaimAsync(Guid[] keys, int decisive, string owner, TimeSpan pending, Budget budget)
    {
        WebhookClaim[]? found = null;
        await TryAsync(async token => found = await (store is IRepeatStore repeats
            ? repeats.ClaimAsync(keys, decisive, owner, pending, token)
            : store.ClaimEachAsync(keys, decisive, owner, pending, token)).ConfigureAwait(false), budget).ConfigureAwait(false);
        return found;
    }

    public Task ConfirmAsync(Guid[] keys, TimeSpan window, Budget budget) => TryAsync(
        token => store is IRepeatStore repeats
            ? repeats.ConfirmAsync(keys, window, token) : store.ConfirmEachAsync(keys, window, token), budget);

    public Task ReleaseAsync(Guid[] keys, string owner, Budget budget) => TryAsync(
        token => store is IRepeatStore repeats
            ? repeats.ReleaseAsync(keys, owner, token) : store.ReleaseEachAsync(keys, owner, token), budget);

    /// <summary>Ends a request's use of the store. If no call has failed, the breaker counts a success.</summary>
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

    /// <summary>Tracks how long one request may still wait for the store.</summary>
    internal sealed class Budget(TimeSpan limit)
    {
        /// <summary>The shortest wait of a call. It lets a fast answer through even if an earlier call has used up the budget.</summary>
        static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

        public TimeSpan Left { get; private set; } = limit;

        public bool HasFailed { get; set; }

        public void Spend(TimeSpan time) => Left = Left - time > Least ? Left - time : Least;
    }
}
