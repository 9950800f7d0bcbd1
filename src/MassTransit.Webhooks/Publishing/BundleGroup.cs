using System.Diagnostics;
using MassTransit.Shared;

namespace MassTransit.Webhooks;

/// <summary>Webhooks that are published together.</summary>
/// <param name="watch">Told how long the next of them has, so that somebody looks then.</param>
#pragma warning disable CA1001 // A source without a timer whose wait handle is never asked for holds nothing to dispose of.
internal sealed class BundleGroup(Action<TimeSpan> watch) : ICommitGroup<BundleEntry>
#pragma warning restore CA1001
{
    readonly CancellationTokenSource _givenUp = new();
    readonly List<BundleEntry> _entries = [];
    readonly List<Webhook> _webhooks = [];
    int _bytes;
    volatile bool _begun;
    bool _collected;

    /// <summary>True when its turn has come and every sender has an answer, none of them that of this publish.</summary>
    public bool IsGivenUp => _begun && _entries.TrueForAll(static x => x.Task.IsCompleted);

    /// <summary>A large webhook gains nothing from others, and they would wait for it.</summary>
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

    /// <summary>Its turn has come: nothing is added any more. Under the gate.</summary>
    /// <returns>Cancelled when nobody waits any more.</returns>
    public CancellationToken Begin()
    {
        _begun = true;
        return _givenUp.Token;
    }

    /// <summary>What somebody still waits for is published, now that the broker answers. Under the gate.</summary>
    public void Collect(PublishLimits limits, Exception? outage)
    {
        _collected = true;
        foreach (var entry in _entries)
        {
            if (entry.Deadline.IsOver)
                entry.Fail(limits.NotSent(outage));
            else if (entry.Webhook is { } webhook)
                _webhooks.Add(webhook);
        }
    }

    /// <summary>Answers senders whose time is over. Under the gate.</summary>
    /// <returns>How long the next has; <c>null</c>: every sender has an answer.</returns>
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
    /// What is published is sampled out as its senders are: a publish without any activity would be a trace of its own, which may
    /// be sampled again. Ends with the caller's method; <c>null</c>: no sender was in an activity.
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

    /// <summary>Publishes, and answers the senders. Ends when nobody waits any more, even if the transport does not.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits any more.</exception>
    public async Task PublishAsync(Func<IReadOnlyList<Webhook>, CancellationToken, Task> publish)
    {
        // Cancelled by their senders, or overdue, before their turn came.
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
            PublishLimits.Abandon(publishing);
            throw;
        }

        foreach (var entry in _entries)
            entry.Succeed();
    }

    /// <summary>Also if all have given up what was on its way: the broker took too long.</summary>
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
            // What the transport has registered threw; nobody waits for this publish any more.
        }
    }
}
