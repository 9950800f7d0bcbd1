using MassTransit.Middleware;
using MassTransit.Transports;

namespace MassTransit.Webhooks.Tests.Processing;

/// <summary>
/// What has waited for a worker while its process was frozen is somebody else's by now, though nobody has cancelled it yet.
/// </summary>
public sealed class LostLeaseTests
{
    [Fact]
    public async Task A_batch_that_begins_leaves_out_what_its_transport_no_longer_holds()
    {
        var (bundle, held, other) = (new Delivery(isLost: true), new Delivery(isLost: false), new Delivery(isLost: true));
        var items = new[] { new Item(bundle), new Item(bundle), new Item(held), new Item(held), new Item(other), new Item(new Plain()) };
        var batch = items.Cast<BatchItem>().ToList();

        await BatchLease.DropLostAsync(batch);

        Assert.Equal([items[2], items[3], items[5]], batch);
        // To its consumer it is what a lost lease is otherwise: the end of the delivery, not a failure of the webhook.
        Assert.All([items[0], items[1], items[4]], x => Assert.IsType<OperationCanceledException>(x.Failure));
        Assert.All([items[2], items[3], items[5]], x => Assert.Null(x.Failure));
        // The webhooks of a bundle share its lease.
        Assert.Equal((1, 1, 1), (bundle.Asked, held.Asked, other.Asked));
    }

    sealed class Delivery(bool isLost) : BasePipeContext, ReceiveLockContext
    {
        public int Asked { get; private set; }

        public Task ValidateLockStatus()
        {
            Asked++;
            return isLost ? Task.FromException(new InvalidOperationException("The lease is over.")) : Task.CompletedTask;
        }

        public Task Complete() => Task.CompletedTask;

        public Task Faulted(Exception exception) => Task.CompletedTask;
    }

    /// <summary>A transport that cannot be asked.</summary>
    sealed class Plain : BasePipeContext;

    sealed class Item(PipeContext delivery) : BatchItem(new Webhook(), 0)
    {
        public Exception? Failure { get; private set; }

        public override CancellationToken CancellationToken => default;

        public override PipeContext Delivery => delivery;

        public override bool WantsReply => false;

        public override ConsumeContext<Webhook> Consume => throw new NotSupportedException();

        public override WebhookContext ToContext() => throw new NotSupportedException();

        public override void Complete(WebhookResult result) => throw new NotSupportedException();

        public override void Fail(Exception exception) => Failure = exception;
    }
}
