using System.Diagnostics;
using MassTransit.Webhooks.Diagnostics;

namespace MassTransit.Webhooks;

/// <summary>A webhook in a batch, and the caller that waits for its result.</summary>
internal abstract class BatchItem(Webhook webhook, ulong sequence) : IReceivedWebhook
{
    public Webhook Webhook { get; } = webhook;

    /// <summary>The position in the order of the queue. Lower ones come first.</summary>
    public ulong Sequence { get; } = sequence;

    /// <summary>Cancelled when the message is lost.</summary>
    public abstract CancellationToken CancellationToken { get; }

    /// <summary>The message that it came in. All webhooks of a bundle have the same one.</summary>
    public abstract PipeContext Delivery { get; }

    /// <summary>Whether a sender waits for the processor's answer.</summary>
    public abstract bool WantsReply { get; }

    public abstract ConsumeContext<Webhook> Consume { get; }

    /// <summary>True if it has been tried before in this delivery, so that its retries go on during a pause.</summary>
    public virtual bool WasTried => false;

    public abstract WebhookContext ToContext();

    public abstract void Complete(WebhookResult result);

    /// <summary>Ends the wait of the caller, who gives the message back. No worker has begun the webhook.</summary>
    public void GiveBack() => Complete(NotBegun);

    public abstract void Fail(Exception exception);

    /// <summary>Stands for the result of a webhook that no worker has begun. It is told apart by its reference.</summary>
    internal static readonly WebhookResult NotBegun = WebhookResult.Retry(reason: "The queue is paused.");

    internal static ulong SequenceOf(PipeContext context) =>
        context.TryGetPayload<ITransportSequenceNumber>(out var sequence) ? sequence.SequenceNumber ?? 0 : 0;
}

/// <summary>A webhook that came as its own message.</summary>
internal sealed class MessageItem(ConsumeContext<Webhook> context) : BatchItem(context.Message, SequenceOf(context))
{
    readonly Activity? _activity = WebhookActivities.Current;
    readonly TaskCompletionSource<WebhookResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<WebhookResult> Task => _completion.Task;

    public override CancellationToken CancellationToken => context.CancellationToken;

    public override PipeContext Delivery => context;

    public override bool WantsReply => context.ResponseAddress is not null;

    public override ConsumeContext<Webhook> Consume => context;

    public override bool WasTried => context.GetRetryAttempt() > 0;

    public override WebhookContext ToContext() =>
        new(Webhook, context.GetRetryAttempt(), context.GetRedeliveryCount(), context.ReceiveContext.Redelivered)
        {
            Activity = _activity,
            Received = this
        };

    public override void Complete(WebhookResult result) => _completion.TrySetResult(result);

    public override void Fail(Exception exception) => _completion.TrySetException(exception);
}

/// <summary>The webhooks of one bundle. They are done when each has its own result; a failure is a result too.</summary>
internal sealed class BundleItems
{
    readonly TaskCompletionSource<WebhookResult[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Activity? _activity = WebhookActivities.Current;
    readonly ConsumeContext _context;
    readonly WebhookResult?[] _results;
    int _left;

    public BundleItems(ConsumeContext context, IReadOnlyList<Webhook> webhooks)
    {
        _context = context;
        _left = webhooks.Count;
        _results = new WebhookResult[webhooks.Count];
        var sequence = BatchItem.SequenceOf(context);
        var items = new BatchItem[webhooks.Count];
        for (var i = 0; i < items.Length; i++)
            items[i] = new Item(this, i, webhooks[i], sequence);
        Items = items;
    }

    public IReadOnlyList<BatchItem> Items { get; }

    public Task<WebhookResult[]> Task => _completion.Task;

    void Complete(int index, WebhookResult result)
    {
        // If a batch fails after it has set some results, it fails only for the other webhooks.
        if (Interlocked.CompareExchange(ref _results[index], result, null) is null && Interlocked.Decrement(ref _left) == 0)
            _completion.TrySetResult(_results!);
    }

    sealed class Item(BundleItems bundle, int index, Webhook webhook, ulong sequence) : BatchItem(webhook, sequence)
    {
        public override CancellationToken CancellationToken => bundle._context.CancellationToken;

        public override PipeContext Delivery => bundle._context;

        public override bool WantsReply => false;

        public override ConsumeContext<Webhook> Consume => new BundledConsumeContext(bundle._context, Webhook);

        public override WebhookContext ToContext() =>
            new(Webhook, 0, 0, false) { Activity = bundle._activity, IsBundled = true, Received = this };

        public override void Complete(WebhookResult result) => bundle.Complete(index, result);

        public override void Fail(Exception exception) => bundle.Complete(index, WebhookResult.FromException(exception));
    }
}
