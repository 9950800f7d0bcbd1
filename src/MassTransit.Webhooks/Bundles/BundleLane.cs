namespace MassTransit.Webhooks;

/// <summary>
/// Group commit for webhooks of one priority: while publishes are under way the next webhooks gather, and travel together. One
/// that comes alone waits for nothing.
/// </summary>
internal sealed class BundleLane(Func<IReadOnlyList<Webhook>, CancellationToken, Task> publish)
{
    /// <summary>Enough for the broker to be busy while an answer is on its way.</summary>
    const int MaxUnderWay = 2;

    readonly Lock _gate = new();
    readonly Queue<Group> _waiting = new();
    Group? _open;
    int _underWay;

    public Task EnqueueAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);

        Group? group = null;
        bool start;
        lock (_gate)
        {
            start = _underWay < MaxUnderWay;
            if (_underWay > 0)
                group = Add(webhook);
            if (start)
                _underWay++;
        }

        // Not under the gate: a publish serializes before it first waits.
        if (group is null)
            return PublishAloneAsync(webhook, cancellationToken);
        if (start)
            _ = RunAsync();
        return cancellationToken.CanBeCanceled ? group.Completion.Task.WaitAsync(cancellationToken) : group.Completion.Task;
    }

    /// <summary>Nobody to share with: without a group, whose completion is a turn of the thread pool.</summary>
    async Task PublishAloneAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        try
        {
            await publish([webhook], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // What has gathered meanwhile is not for this sender to wait for.
            _ = RunAsync();
        }
    }

    Group Add(Webhook webhook)
    {
        var group = _open;
        if (group is null)
            _waiting.Enqueue(_open = group = new Group());
        group.Webhooks.Add(webhook);
        group.Bytes += WebhookPacker.Measure(webhook);
        if (group.Webhooks.Count >= WebhookBundle.MaxCount || group.Bytes >= WebhookBundle.MaxBytes)
            _open = null;
        return group;
    }

    async Task RunAsync()
    {
        while (true)
        {
            Group? group;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out group))
                {
                    _underWay--;
                    return;
                }

                if (ReferenceEquals(group, _open))
                    _open = null;
            }

            try
            {
                await publish(group.Webhooks, CancellationToken.None).ConfigureAwait(false);
                group.Completion.TrySetResult();
            }
            catch (Exception exception)
            {
                // Given to every sender of the group; one that was cancelled meanwhile does not look.
                group.Completion.TrySetException(exception);
                _ = group.Completion.Task.Exception;
            }
        }
    }

    sealed class Group
    {
        public List<Webhook> Webhooks { get; } = [];

        public int Bytes { get; set; }

        public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
