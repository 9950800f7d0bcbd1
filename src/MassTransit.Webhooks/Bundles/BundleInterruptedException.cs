namespace MassTransit.Webhooks;

/// <summary>
/// A message goes back to its queue, because it is a bundle that could not be split or because the queue is paused, and an outbox must not
/// record it as consumed. To MassTransit it is a cancelled delivery, so that it is not retried, redelivered or dead-lettered.
/// </summary>
internal sealed class DeliveryReturnedException(CancellationToken delivery)
    : OperationCanceledException("The message goes back to its queue: it could not be taken apart, or the queue is paused.", delivery);

/// <summary>A bundle cannot be read. It is dead-lettered unchanged, without another attempt.</summary>
internal sealed class BundleDamagedException(string message, Exception cause) : MassTransitException(message, cause);
