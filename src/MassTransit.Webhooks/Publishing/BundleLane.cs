namespace MassTransit.Webhooks;

/// <summary>
/// Group commit for webhooks of one priority: while publishes are under way the next webhooks gather, and travel together. One
/// that comes alone waits for nothing. Each has its own end: what its sender has given up, or what has waited its time, is not sent any
/// more, so that an outage leaves nothing behind that is published when nobody counts on it.
/// </summary>
internal sealed class BundleLane
{
    /// <summary>Enough for the broker to be busy while an answer is on its way.</summary>
    const int MaxUnderWay = 2;

    /// <summary>How exactly the end of a wait is kept: a timer for all that wait, not one for each.</summary>
    static readonly TimeSpan Exactness = TimeSpan.FromMilliseconds(25);

    readonly Func<IReadOnlyList<Webhook>, CancellationToken, Task> _publish;
    readonly PublishLimits _limits;
    readonly TimeProvider _time;
    readonly ITimer _timer;
    readonly Lock _gate = new();
    readonly Queue<BundleEntry> _waiting = new();
    readonly List<BundleGroup> _groups = new(MaxUnderWay);
    volatile Exception? _outage;
    int _underWay;
    bool _watching;

    public BundleLane(Func<IReadOnlyList<Webhook>, CancellationToken, Task> publish, PublishLimits limits, TimeProvider? time = null)
    {
        _publish = publish;
        _limits = limits;
        _time = time ?? TimeProvider.System;
        _timer = _time.CreateTimer(static state => ((BundleLane)state!).EndOverdue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Task EnqueueAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);

        // Not under the gate: a publish serializes before it first waits.
        if (TryBeAlone())
            return PublishAloneAsync(webhook, cancellationToken);

        BundleEntry entry;
        try
        {
            entry = new BundleEntry(webhook, _limits, _time.GetTimestamp(), cancellationToken);
        }
        catch (Exception exception)
        {
            return Task.FromException(exception);
        }

        bool start;
        lock (_gate)
        {
            _waiting.Enqueue(entry);
            Watch(_limits.Timeout);
            start = _underWay < MaxUnderWay;
            if (start)
                _underWay++;
        }

        if (start)
            _ = RunAsync();
        return entry.Task;
    }

    bool TryBeAlone()
    {
        if (Volatile.Read(ref _underWay) > 0)
            return false;

        lock (_gate)
        {
            if (_underWay > 0)
                return false;
            _underWay = 1;
            return true;
        }
    }

    /// <summary>Nobody to share with: without a group, whose completion is a turn of the thread pool.</summary>
    async Task PublishAloneAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        try
        {
            await _limits.RunAsync(x => PublishAsync([webhook], x), cancellationToken).ConfigureAwait(false);
            _outage = null;
        }
        catch (Exception exception)
        {
            _outage = exception;
            throw;
        }
        finally
        {
            // What has gathered meanwhile is not for this sender to wait for.
            _ = RunAsync();
        }
    }

    /// <summary>
    /// After a publish that did not end well nothing is sent before the broker answers: what is written to one that stands still is done when it goes on,
    /// long after its senders were refused.
    /// </summary>
    Task PublishAsync(IReadOnlyList<Webhook> webhooks, CancellationToken cancellationToken)
    {
        return _outage is null ? _publish(webhooks, cancellationToken) : ProbeAndPublishAsync();

        async Task ProbeAndPublishAsync()
        {
            await _limits.WaitForBrokerAsync(cancellationToken).ConfigureAwait(false);
            await _publish(webhooks, cancellationToken).ConfigureAwait(false);
        }
    }

    async Task RunAsync()
    {
        while (TakeGroup() is { } group)
        {
            try
            {
                await group.RunAsync(PublishAsync).ConfigureAwait(false);
                _outage = null;
            }
            catch (Exception exception)
            {
                // Given to every sender of the group.
                _outage = exception;
            }
            finally
            {
                lock (_gate)
                    _groups.Remove(group);
            }
        }
    }

    /// <summary>The next webhooks that somebody still waits for; none: the caller's turn is over.</summary>
    BundleGroup? TakeGroup()
    {
        lock (_gate)
        {
            var group = new BundleGroup();
            while (_waiting.TryPeek(out var entry) && group.HasRoomFor(entry))
            {
                _waiting.Dequeue();
                if (_time.GetElapsedTime(entry.Since) >= _limits.Timeout)
                    entry.Fail(_limits.NotSent(_outage));
                else
                    group.Add(entry);
            }

            if (group.IsEmpty)
            {
                _underWay--;
                return null;
            }

            _groups.Add(group);
            return group;
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
        List<BundleGroup> left = [];
        lock (_gate)
        {
            TimeSpan? next = null;
            while (_waiting.TryPeek(out var entry))
            {
                if (!entry.Task.IsCompleted && Left(entry) is var time && time > TimeSpan.Zero)
                {
                    next = time;
                    break;
                }

                _waiting.Dequeue();
                entry.Fail(_limits.NotSent(_outage));
            }

            foreach (var group in _groups)
            {
                foreach (var entry in group.Entries)
                {
                    if (entry.Task.IsCompleted)
                        continue;
                    if (Left(entry) is var time && time <= TimeSpan.Zero)
                        entry.Fail(_limits.NotConfirmed(_outage));
                    else if (next is null || time < next)
                        next = time;
                }

                if (group.IsGivenUp)
                    left.Add(group);
            }

            _watching = false;
            if (next is { } until)
                Watch(until);
        }

        // Not under the gate: the transport is told.
        foreach (var group in left)
            group.GiveUp();
    }

    TimeSpan Left(BundleEntry entry) => _limits.Timeout - _time.GetElapsedTime(entry.Since);
}
