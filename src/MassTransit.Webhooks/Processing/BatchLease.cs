using System.Diagnostics;
using MassTransit.Transports;

namespace MassTransit.Webhooks;

/// <summary>
/// Asks the transport before a batch begins whether its messages are still leased. They were leased when they were delivered, and have
/// waited for a worker since. A process that was frozen meanwhile continues here, before the lost messages have been cancelled.
/// </summary>
internal static class BatchLease
{
    /// <summary>Removes webhooks whose messages another receiver has now. The first webhook of a bundle is asked for all of them.</summary>
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

        // Sets the message's own span as the current one while the transport is asked, because the transport writes on the current span and
        // that may belong to another message.
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
