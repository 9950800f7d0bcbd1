namespace MassTransit.Webhooks;

/// <summary>
/// A bundle goes back to its queue because it could not be split, and an outbox must not record it as consumed. To MassTransit it is a
/// cancelled delivery, so that the bundle is not retried, redelivered or dead-lettered as a whole.
/// </summary>
internal sealed class BundleInterruptedException(CancellationToken delivery)
    : OperationCanceledException("A bundle of webhooks goes back to its queue: it could not be taken apart.", delivery);

/// <summary>A bundle cannot be read. It is dead-lettered unchanged, without another attempt.</summary>
internal sealed class BundleDamagedException(string message, Exception cause) : MassTransitException(message, cause);
