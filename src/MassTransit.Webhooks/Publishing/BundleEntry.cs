using System.Diagnostics;
using MassTransit.Shared;

namespace MassTransit.Webhooks;

/// <summary>A webhook that waits to be published with others, and its sender.</summary>
internal sealed class BundleEntry : TaskCompletionSource
{
    readonly PublishLimits _limits;
    readonly CancellationTokenRegistration _registration;
    volatile Webhook? _webhook;
    volatile BundleGroup? _group;

    /// <exception cref="Exception">There is no room for it.</exception>
    public BundleEntry(Webhook webhook, PublishLimits limits, TimeProvider time, CancellationToken cancellationToken)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _webhook = webhook;
        _limits = limits;
        Deadline = Deadline.After(limits.Timeout, time);
        Sender = Activity.Current;
        Bytes = WebhookPacker.Measure(webhook);
        limits.Enter(Bytes);
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static (state, token) => ((BundleEntry)state!).Cancel(token), this);
    }

    public Deadline Deadline { get; }

    public int Bytes { get; }

    /// <summary>What the sender was in, if anything: an activity that is sampled out, as others travel alone.</summary>
    public Activity? Sender { get; }

    /// <summary>The webhook; <c>null</c> if its sender has an answer already.</summary>
    public Webhook? Webhook => _webhook;

    /// <summary>From now on its sender's end may be the group's.</summary>
    public void Join(BundleGroup group) => _group = group;

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
