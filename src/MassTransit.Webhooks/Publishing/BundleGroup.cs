namespace MassTransit.Webhooks;

/// <summary>A webhook that waits for company, and its sender.</summary>
internal sealed class BundleEntry : TaskCompletionSource
{
    readonly PublishLimits _limits;
    readonly CancellationTokenRegistration _registration;
    volatile Webhook? _webhook;
    volatile BundleGroup? _group;

    /// <exception cref="Exception">There is no room for it.</exception>
    public BundleEntry(Webhook webhook, PublishLimits limits, long since, CancellationToken cancellationToken)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _webhook = webhook;
        _limits = limits;
        Since = since;
        Bytes = WebhookPacker.Measure(webhook);
        limits.Enter(Bytes);
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static (state, token) => ((BundleEntry)state!).Cancel(token), this);
    }

    public long Since { get; }

    public int Bytes { get; }

    /// <summary>The webhook, unless its sender has an answer already. From now on its sender's end may be the group's.</summary>
    public Webhook? Join(BundleGroup group)
    {
        _group = group;
        return _webhook;
    }

    public void Succeed()
    {
        if (TrySetResult())
            Leave();
    }

    public void Fail(Exception exception)
    {
        if (!TrySetException(exception))
            return;

        // A sender that does not look is not reported as one whose failure nobody has seen.
        _ = Task.Exception;
        Leave();
    }

    void Cancel(CancellationToken cancellationToken)
    {
        if (!TrySetCanceled(cancellationToken))
            return;

        Leave();
        if (_group is { IsGivenUp: true } group)
            group.GiveUp();
    }

    /// <summary>Once, whoever has answered the sender.</summary>
    void Leave()
    {
        // What is not sent any more need not stay in memory until its turn comes.
        _webhook = null;
        _limits.Leave(Bytes);
        _registration.Unregister();
    }
}

/// <summary>Webhooks that are published together.</summary>
#pragma warning disable CA1001 // A source without a timer whose wait handle is never asked for holds nothing to dispose of.
internal sealed class BundleGroup
#pragma warning restore CA1001
{
    readonly CancellationTokenSource _givenUp = new();
    readonly List<Webhook> _webhooks = [];
    int _bytes;
    volatile bool _closed;

    public List<BundleEntry> Entries { get; } = [];

    public bool IsEmpty => Entries.Count == 0;

    /// <summary>True when every sender has an answer, and none of them is that of this publish.</summary>
    public bool IsGivenUp => _closed && Entries.TrueForAll(static x => x.Task.IsCompleted);

    /// <summary>A large webhook gains nothing from company, and its company would wait for it.</summary>
    public bool HasRoomFor(BundleEntry entry) =>
        IsEmpty || (Entries.Count < WebhookBundle.MaxCount && _bytes < WebhookBundle.MaxBytes && entry.Bytes < WebhookBundle.MaxBytes);

    public void Add(BundleEntry entry)
    {
        if (entry.Join(this) is not { } webhook)
            return;

        Entries.Add(entry);
        _webhooks.Add(webhook);
        _bytes += entry.Bytes;
    }

    /// <summary>Publishes, and answers the senders. Ends when nobody waits any more, even where the transport does not.</summary>
    public async Task RunAsync(Func<IReadOnlyList<Webhook>, CancellationToken, Task> publish)
    {
        _closed = true;
        // Cancelled by their senders since they were taken.
        if (IsGivenUp)
            return;

        Task? publishing = null;
        try
        {
            publishing = publish(_webhooks, _givenUp.Token);
            await publishing.WaitAsync(_givenUp.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (publishing is { IsCompleted: false })
                PublishLimits.Abandon(publishing);
            foreach (var entry in Entries)
                entry.Fail(exception);
            throw;
        }

        foreach (var entry in Entries)
            entry.Succeed();
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
