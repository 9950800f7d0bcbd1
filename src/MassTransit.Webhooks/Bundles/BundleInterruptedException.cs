namespace MassTransit.Webhooks;

/// <summary>
/// A bundle could not be taken apart. A cancellation to MassTransit, so that the bundle is neither retried nor dead-lettered as a
/// whole: it is given back to the queue, and its next receiver takes it apart before anything else.
/// </summary>
internal sealed class BundleInterruptedException(Exception cause)
    : OperationCanceledException($"A bundle of webhooks goes back to its queue: {cause.Message}", cause);
