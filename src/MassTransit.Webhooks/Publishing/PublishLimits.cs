namespace MassTransit.Webhooks;

/// <summary>
/// Limits the time and memory of publishing while the broker is slow or cannot be reached. All lanes of a queue share it. So senders get an
/// error in an outage, and webhooks that nobody waits for do not pile up.
/// </summary>
/// <param name="timeout">How long one publish may take, from the call to the confirmation.</param>
/// <param name="probe">Completes when the broker answers; fails or is cancelled if it does not.</param>
/// <param name="refuse">
/// Creates the exception for a publish that was not finished, from a text and a cause. The sender may try again after it.
/// </param>
/// <param name="maxCount">How many webhooks may wait in memory.</param>
/// <param name="maxBytes">How many bytes of webhooks may wait in memory.</param>
internal sealed class PublishLimits(TimeSpan timeout, Func<CancellationToken, Task> probe, Func<string, Exception?, Exception> refuse,
    int maxCount = PublishLimits.DefaultMaxCount, long maxBytes = PublishLimits.DefaultMaxBytes)
{
    /// <summary>What the fastest measured senders publish in half a second.</summary>
    public const int DefaultMaxCount = 100_000;

    /// <summary>A small part of the memory of an ingress's container.</summary>
    public const long DefaultMaxBytes = 64 * 1024 * 1024;

    /// <summary>The pause between two probes of a broker that cannot be reached.</summary>
    static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(50);

    int _count;
    long _bytes;

    public TimeSpan Timeout => timeout;

    /// <summary>How many webhooks wait now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many bytes wait now.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Takes room for a webhook that waits. <see cref="Leave"/> gives it back.</summary>
    /// <exception cref="Exception">There is no room.</exception>
    public void Enter(int bytes)
    {
        var count = Interlocked.Increment(ref _count);
        var sum = Interlocked.Add(ref _bytes, bytes);
        // A webhook that is larger than the whole room may wait if it is the only one.
        if (count <= maxCount && (sum <= maxBytes || count == 1))
            return;

        Leave(bytes);
        throw refuse($"The webhook was not taken: {count - 1:N0} webhooks of {(sum - bytes) / 1024:N0} KiB wait in this process for the "
            + $"broker, and no more are kept in memory than {maxCount:N0} or {maxBytes / 1024:N0} KiB. The broker is away or slower than "
            + "what is sent: try again later, or await what is sent before more is sent.", null);
    }

    public void Leave(int bytes)
    {
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -bytes);
    }

    /// <summary>The exception if the time is over and the webhook was never handed to the transport.</summary>
    public Exception NotSent(Exception? cause) => refuse(
        $"The webhook waited {timeout.TotalSeconds:0.#} s behind others that the broker did not confirm, and was not sent. Check the "
            + "broker, then try again.", cause);

    /// <summary>The exception if the time is over while the webhook is on its way.</summary>
    public Exception NotConfirmed(Exception? cause) => refuse(
        $"The broker did not confirm the webhook within {timeout.TotalSeconds:0.#} s. It may or may not have been stored. Check the "
            + "broker, then try again.", cause);

    /// <summary>Waits until the broker answers, or the token is cancelled.</summary>
    public async Task WaitForBrokerAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await probe(cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The broker still cannot be reached. The failed publish has already given the reason.
                await Task.Delay(ProbePause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Runs a publish and ends it within the time, even if the transport ignores its token.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> publish, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(timeout);
        var publishing = publish(bound.Token);
        try
        {
            await publishing.WaitAsync(bound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (bound.IsCancellationRequested)
        {
            publishing.ObserveFailure();
            cancellationToken.ThrowIfCancellationRequested();
            throw NotConfirmed(exception);
        }
    }
}
