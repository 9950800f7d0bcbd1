using MassTransit.Shared;

namespace MassTransit.Webhooks;

/// <summary>
/// Publishes webhooks of one priority in bundles by group commit; a webhook that comes alone does not wait. A webhook whose sender has
/// given up or whose time is over is not sent any more. So after an outage nothing is published that its sender no longer expects.
/// </summary>
internal sealed class BundleLane
{
    /// <summary>How many publishes are under way at a time. Two keep the broker busy while an answer is on its way.</summary>
    const int MaxUnderWay = 2;

    /// <summary>The precision of timeouts. One timer serves all senders that wait.</summary>
    static readonly TimeSpan Exactness = TimeSpan.FromMilliseconds(25);

    readonly GroupCommit<BundleGroup, BundleEntry> _commits;
    readonly Func<IReadOnlyList<Webhook>, CancellationToken, Task> _publish;
    readonly PublishLimits _limits;
    readonly TimeProvider _time;
    readonly ITimer _timer;
    /// <summary>The groups that wait or are under way, in the order in which they were opened.</summary>
    readonly List<BundleGroup> _groups = [];
    bool _watching;

    public BundleLane(Func<IReadOnlyList<Webhook>, CancellationToken, Task> publish, PublishLimits limits, TimeProvider? time = null)
    {
        _commits = new GroupCommit<BundleGroup, BundleEntry>(Open, CommitAsync, MaxUnderWay);
        _publish = publish;
        _limits = limits;
        _time = time ?? TimeProvider.System;
        // The lane must not keep the first sender's activity.
        using (ExecutionContext.SuppressFlow())
            _timer = _time.CreateTimer(static state => ((BundleLane)state!).EndOverdue(), this, Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
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

    /// <summary>Publishes without a group if nobody shares it, because completing a group costs a switch of threads.</summary>
    async Task PublishAloneAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        Exception? outage = null;
        try
        {
            await _limits.RunAsync(x => _commits.Outage is null ? _publish([webhook], x) : ProbeAndPublishAsync(webhook, x),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            outage = exception;
            throw;
        }
        finally
        {
            // Starts the webhooks that have gathered meanwhile. This sender does not wait for them.
            _commits.Leave(outage);
        }
    }

    async Task ProbeAndPublishAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        await _limits.WaitForBrokerAsync(cancellationToken).ConfigureAwait(false);
        // The sender may have been refused before the broker answered.
        cancellationToken.ThrowIfCancellationRequested();
        await _publish([webhook], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Must be called under the gate.</summary>
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
            // After a failed publish nothing is sent until the broker answers. A broker that is frozen would execute what was sent to it
            // when it continues, long after the senders were refused.
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

    /// <summary>Must be called under the gate.</summary>
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
                // Stops at the first group that has time left, because later groups were opened later.
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

        // Not under the gate, because this calls the transport.
        foreach (var group in givenUp)
            group.GiveUp();
    }
}
