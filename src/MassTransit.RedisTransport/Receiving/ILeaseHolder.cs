using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// The holder of an endpoint's leases, as seen by a message that is being consumed. Its methods end or change the message's lease.
/// </summary>
internal interface ILeaseHolder
{
    /// <summary>The queue that the messages were received from.</summary>
    string QueueName { get; }

    /// <summary>Makes the last check before a consumer begins.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer now.</exception>
    Task ValidateAsync(Delivery delivery);

    /// <summary>
    /// Returns true if the lease is over by this process's clock and its consumer was not cancelled yet. It must be cancelled now.
    /// </summary>
    bool TryCancelOverdue(Delivery delivery);

    /// <summary>Completes a message whose consumer has succeeded. It is acknowledged in the background.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer now.</exception>
    Task CompleteAsync(Delivery delivery);

    /// <summary>Returns a message that faulted outside its consumer's retries, with a longer delay each time. It never throws.</summary>
    Task FaultedAsync(Delivery delivery, Exception exception);

    /// <summary>
    /// Returns a message that could not be split. It does not count as a failed delivery, but the next receiver can see it. It never
    /// throws.
    /// </summary>
    Task ReturnAsync(Delivery delivery);

    /// <summary>
    /// Returns a message that no consumer has begun to its place, because its queue is paused. No delivery is counted, and the next
    /// receiver sees nothing of it. It never throws.
    /// </summary>
    Task GiveBackAsync(Delivery delivery);

    /// <summary>Moves a message to a dead-letter queue, in one step with its acknowledgement.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer now.</exception>
    Task MoveAsync(Delivery delivery, string target, MessageRecord record);

    /// <summary>
    /// Replaces the message by a delayed one with a new record. It does the work of a delayed send and an acknowledgement, and is possible
    /// on a full server.
    /// </summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer now.</exception>
    Task PutOffAsync(Delivery delivery, MessageRecord record, TimeSpan delay);

    /// <summary>
    /// Replaces a record that holds many messages by single ones in one step, and hands them to the consumers. The other messages of the
    /// record are done. Each message gets at least one delivery of its own, however often the record was delivered, because it is unknown
    /// which message made those deliveries fail.
    /// </summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer now.</exception>
    Task SplitAsync(Delivery delivery, IReadOnlyList<(MessageRecord Record, Action<ReceiveContext> Prepare)> parts);

    /// <summary>Called when the acknowledgement has arrived or has failed for good.</summary>
    void OnSettled(Delivery delivery, bool leaseLost, Exception? error);
}
