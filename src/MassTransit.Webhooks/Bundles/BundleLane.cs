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

        Group group;
        var start = false;
        lock (_gate)
        {
            if (_underWay == 0)
            {
                _underWay++;
                return PublishAloneAsync(webhook, cancellationToken);
            }

            group = _open ?? Open();
            group.Webhooks.Add(webhook);
            group.Bytes += WebhookPacker.Measure(webhook);
            if (group.Webhooks.Count >= WebhookBundle.MaxCount || group.Bytes >= WebhookBundle.MaxBytes)
                _open = null;
            if (_underWay < MaxUnderWay)
            {
                _underWay++;
                start = true;
            }
        }

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

    Group Open()
    {
        _open = new Group();
        _waiting.Enqueue(_open);
        return _open;
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
