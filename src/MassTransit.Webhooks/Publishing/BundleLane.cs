using MassTransit.Shared;

namespace MassTransit.Webhooks;

/// <summary>
/// Webhooks of one priority that are enqueued together travel together, by group commit; one that comes alone waits for nothing.
/// Each has an end of its own: what its sender has given up, or what has waited its time, is not sent any more, so that an outage
/// leaves nothing behind that is published when nobody counts on it.
/// </summary>
internal sealed class BundleLane
{
    /// <summary>Enough for the broker to be busy while an answer is on its way.</summary>
    const int MaxUnderWay = 2;

    /// <summary>How exactly the end of a wait is kept: a timer for all that wait, not one for each.</summary>
    static readonly TimeSpan Exactness = TimeSpan.FromMilliseconds(25);

    readonly GroupCommit<BundleGroup, BundleEntry> _commits;
    readonly Func<IReadOnlyList<Webhook>, CancellationToken, Task> _publish;
    readonly PublishLimits _limits;
    readonly TimeProvider _time;
    readonly ITimer _timer;
    /// <summary>Those that wait and those under way, in the order in which they came.</summary>
    readonly List<BundleGroup> _groups = [];
    bool _watching;

    public BundleLane(Func<IReadOnlyList<Webhook>, CancellationToken, Task> publish, PublishLimits limits, TimeProvider? time = null)
    {
        _commits = new GroupCommit<BundleGroup, BundleEntry>(Open, CommitAsync, MaxUnderWay);
        _publish = publish;
        _limits = limits;
        _time = time ?? TimeProvider.System;
        // The first sender's activity is not the lane's.
        using (ExecutionContext.SuppressFlow())
            _timer = _time.CreateTimer(static state => ((BundleLane)state!).EndOverdue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Task EnqueueAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);

        if (_commits.TryEnter())
            return PublishAloneAsync(webhook, cancellationToken);

        try
        {
            var entry = new BundleEntry(webhook, _limits, _time, cancellationToken);
            _commits.Add(entry);
            return entry.Task;
        }
        catch (Exception exception)
        {
            return Task.FromException(exception);
        }
    }

    /// <summary>Nobody to share with: without a group, whose completion is a turn of the thread pool.</summary>
    async Task PublishAloneAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        Exception? outage = null;
        try
        {
            await _limits.RunAsync(x => _commits.Outage is null ? _publish([webhook], x) : ProbeAndPublishAsync(webhook, x), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            outage = exception;
            throw;
        }
        finally
        {
            // What has gathered meanwhile is not for this sender to wait for.
            _commits.Leave(outage);
        }
    }

    async Task ProbeAndPublishAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        await _limits.WaitForBrokerAsync(cancellationToken).ConfigureAwait(false);
        // The broker may have answered after the sender was refused.
        cancellationToken.ThrowIfCancellationRequested();
        await _publish([webhook], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Under the gate.</summary>
    BundleGroup Open()
    {
        var group = new BundleGroup(Watch);
        _groups.Add(group);
        return group;
    }

    async Task CommitAsync(BundleGroup group)
    {
        try
        {
            CancellationToken givenUp;
            lock (_commits.Gate)
                givenUp = group.Begin();
            // After a publish that did not end well nothing is sent before the broker answers: what is written to one that stands still is done when
            // it goes on, long after its senders were refused.
            if (_commits.Outage is not null && !group.IsGivenUp)
                await _limits.WaitForBrokerAsync(givenUp).ConfigureAwait(false);
            lock (_commits.Gate)
                group.Collect(_limits, _commits.Outage);
            using var activity = group.ContinueSampledOut();
            await group.PublishAsync(_publish).ConfigureAwait(false);
        }
        finally
        {
            lock (_commits.Gate)
                _groups.Remove(group);
        }
    }

    /// <summary>Under the gate.</summary>
    void Watch(TimeSpan until)
    {
        if (_watching)
            return;

        _watching = true;
        _timer.Change(until > Exactness ? until : Exactness, Timeout.InfiniteTimeSpan);
    }

    void EndOverdue()
    {
        List<BundleGroup> givenUp = [];
        lock (_commits.Gate)
        {
            TimeSpan? next = null;
            foreach (var group in _groups)
            {
                // What comes after the first that has time left came later.
                next = group.EndOverdue(_limits, _commits.Outage);
                if (next is not null)
                    break;
                if (group.IsGivenUp)
                    givenUp.Add(group);
            }

            _watching = false;
            if (next is { } until)
                Watch(until);
        }

        // Not under the gate: the transport is told.
        foreach (var group in givenUp)
            group.GiveUp();
    }
}
