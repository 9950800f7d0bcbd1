using System.Diagnostics;
using MassTransit.Transports;

namespace MassTransit.Webhooks;

/// <summary>
/// Asks the transport, when a batch is about to begin, whether its messages are still held. They were when they were delivered, and have
/// waited for a worker since: a process that was frozen meanwhile goes on at this very place, before anybody has cancelled them.
/// </summary>
internal static class BatchLease
{
    /// <summary>Takes out those whose messages are somebody else's by now. Of a bundle the first answers for all.</summary>
    public static async ValueTask DropLostAsync(List<BatchItem> batch)
    {
        for (var i = 0; i < batch.Count;)
        {
            var delivery = batch[i].Delivery;
            var end = i + 1;
            while (end < batch.Count && ReferenceEquals(batch[end].Delivery, delivery))
                end++;

            if (await LostAsync(delivery).ConfigureAwait(false) is { } lost)
            {
                for (var j = i; j < end; j++)
                    batch[j].Fail(new OperationCanceledException(lost.Message, lost));
                batch.RemoveRange(i, end - i);
            }
            else
            {
                i = end;
            }
        }
    }

    static async ValueTask<Exception?> LostAsync(PipeContext delivery)
    {
        if (!delivery.TryGetPayload<ReceiveLockContext>(out var held))
            return null;

        // The transport describes a delivery on the span that is current when it is asked; this one may be another message's.
        var activity = Activity.Current;
        Activity.Current = null;
        try
        {
            await held.ValidateLockStatus().ConfigureAwait(false);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
        finally
        {
            Activity.Current = activity;
        }
    }
}
