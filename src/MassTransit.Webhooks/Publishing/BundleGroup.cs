using System.Diagnostics;
using MassTransit.Shared;

namespace MassTransit.Webhooks;

/// <summary>Webhooks that are published in one bundle.</summary>
/// <param name="watch">Called with the time that the next sender has left, so that overdue senders are looked for then.</param>
#pragma warning disable CA1001 // A token source without a timer and wait handle holds nothing to dispose.
internal sealed class BundleGroup(Action<TimeSpan> watch) : ICommitGroup<BundleEntry>
#pragma warning restore CA1001
{
    readonly CancellationTokenSource _givenUp = new();
    /// <summary>Begins with room for some: under load a group fills, and growing from 4 to 100 copies it five times.</summary>
    readonly List<BundleEntry> _entries = new(32);
    List<Webhook> _webhooks = [];
    int _bytes;
    volatile bool _begun;
    bool _collected;

    /// <summary>True if the group's turn has come and every sender already has an answer that is not the result of this publish.</summary>
    public bool IsGivenUp => _begun && _entries.TrueForAll(static x => x.Task.IsCompleted);

    /// <summary>A large webhook gains nothing from a bundle, and the others would wait for it.</summary>
    public bool HasRoomFor(in BundleEntry entry) =>
        _entries.Count < WebhookBundle.MaxCount && _bytes < WebhookBundle.MaxBytes && entry.Bytes < WebhookBundle.MaxBytes;

    public int Add(in BundleEntry entry)
    {
        entry.Join(this);
        _entries.Add(entry);
        _bytes += entry.Bytes;
        watch(entry.Deadline.Budget);
        return _entries.Count - 1;
    }

    /// <summary>Begins the group's turn; no webhook is added any more. It is called under the gate.</summary>
    /// <returns>A token that is cancelled when no sender waits any more.</returns>
    public CancellationToken Begin()
    {
        _begun = true;
        return _givenUp.Token;
    }

    /// <summary>Collects the webhooks whose senders still wait, when the broker answers. It is called under the gate.</summary>
    public void Collect(PublishLimits limits, Exception? outage)
    {
        _collected = true;
        _webhooks = new List<Webhook>(_entries.Count);
        foreach (var entry in _entries)
        {
            if (entry.Deadline.IsOver)
                entry.Fail(limits.NotSent(outage));
            else if (entry.Webhook is { } webhook)
                _webhooks.Add(webhook);
        }
    }

    /// <summary>Answers the senders whose time is over. It is called under the gate.</summary>
    /// <returns>The time that the next sender has left; <c>null</c> if every sender has an answer.</returns>
    public TimeSpan? EndOverdue(PublishLimits limits, Exception? outage)
    {
        foreach (var entry in _entries)
        {
            if (entry.Task.IsCompleted)
                continue;
            if (entry.Deadline.Left is var left && left > TimeSpan.Zero)
                return left;
            entry.Fail(_collected ? limits.NotConfirmed(outage) : limits.NotSent(outage));
        }

        return null;
    }

    /// <summary>
    /// Starts an activity that is not sampled, as those of the senders, and lasts until the caller's method ends. A publish without any
    /// activity would begin a new trace, which could be sampled. Returns <c>null</c> if no sender was in an activity.
    /// </summary>
    public Activity? ContinueSampledOut()
    {
        foreach (var entry in _entries)
        {
            if (entry.Sender is { IdFormat: ActivityIdFormat.W3C } sender)
                return new Activity("webhooks").SetParentId(sender.TraceId, sender.SpanId, sender.ActivityTraceFlags).Start();
        }

        return null;
    }

    /// <summary>
    /// Publishes the webhooks and answers the senders. It ends when no sender waits any more, even if the transport does not.
    /// </summary>
    /// <exception cref="OperationCanceledException">No sender waits any more.</exception>
    public async Task PublishAsync(Func<IReadOnlyList<Webhook>, CancellationToken, Task> publish)
    {
        // All webhooks were cancelled or overdue before their turn came.
        if (_webhooks.Count == 0)
            throw new OperationCanceledException("All senders have given up.");

        Task? publishing = null;
        try
        {
            publishing = publish(_webhooks, _givenUp.Token);
            await publishing.WaitAsync(_givenUp.Token).ConfigureAwait(false);
        }
        catch (Exception) when (publishing is { IsCompleted: false })
        {
            publishing.ObserveFailure();
            throw;
        }

        foreach (var entry in _entries)
            entry.Succeed();
    }

    /// <summary>True for any webhook that was on its way, even if its sender has given up, because the broker took too long then.</summary>
    public bool IsOutage(Exception exception) => _webhooks.Count > 0;

    public void Fail(Exception exception)
    {
        foreach (var entry in _entries)
            entry.Fail(exception);
    }

    public void GiveUp()
    {
        try
        {
            _givenUp.Cancel();
        }
        catch (AggregateException)
        {
            // A callback that the transport has registered has thrown. No sender waits for this publish any more.
        }
    }
}
