namespace MassTransit.Webhooks;

/// <summary>
/// A bundle could not be taken apart, and an outbox must not note it as consumed. A cancellation of the delivery to MassTransit, so that the bundle
/// is neither retried nor redelivered nor dead-lettered as a whole: it is given back to the queue.
/// </summary>
internal sealed class BundleInterruptedException(CancellationToken delivery)
    : OperationCanceledException("A bundle of webhooks goes back to its queue: it could not be taken apart.", delivery);

/// <summary>A bundle cannot be read: it is dead-lettered as it is, without another attempt.</summary>
internal sealed class BundleDamagedException(string message, Exception cause) : MassTransitException(message, cause);
