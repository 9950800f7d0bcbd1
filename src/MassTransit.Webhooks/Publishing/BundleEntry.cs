using System.Diagnostics;
using MassTransit.Shared;

namespace MassTransit.Webhooks;

/// <summary>A webhook that waits to be published in a bundle, and its sender.</summary>
internal sealed class BundleEntry : TaskCompletionSource
{
    readonly PublishLimits _limits;
    readonly CancellationTokenRegistration _registration;
    volatile Webhook? _webhook;
    volatile BundleGroup? _group;

    /// <exception cref="Exception">There is no room for the webhook.</exception>
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

    /// <summary>
    /// The sender's activity, if there is one. It is never a recorded one, because webhooks with a recorded activity are sent alone.
    /// </summary>
    public Activity? Sender { get; }

    /// <summary>The webhook; <c>null</c> if its sender already has an answer.</summary>
    public Webhook? Webhook => _webhook;

    /// <summary>Joins a group. If no sender of the group waits any more, the group ends.</summary>
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

        // Observes the exception, so that it is not reported as unobserved if the sender does not await the task.
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

    /// <summary>Gives the room back. It runs once, after the sender has got an answer from any side.</summary>
    void Leave()
    {
        // Drops the webhook, so that it does not stay in memory until its turn comes.
        _webhook = null;
        _limits.Leave(Bytes);
        _registration.Unregister();
    }
}
