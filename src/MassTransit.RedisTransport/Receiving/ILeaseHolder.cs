using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>Who holds the leases of an endpoint's messages, as a message in hand sees it: what may become of it.</summary>
internal interface ILeaseHolder
{
    /// <summary>The queue that the messages were received from.</summary>
    string QueueName { get; }

    /// <summary>The last look before a consumer begins.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    Task ValidateAsync(Delivery delivery);

    /// <summary>True where the lease is over by this process's clock and its consumer at work was not told so yet: it is to be told now.</summary>
    bool TryCancelOverdue(Delivery delivery);

    /// <summary>The consumer succeeded: the message is acknowledged in the background.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    Task CompleteAsync(Delivery delivery);

    /// <summary>Gives a message back that faulted outside its consumer's retries, a little later each time. Never throws.</summary>
    Task FaultedAsync(Delivery delivery, Exception exception);

    /// <summary>Gives a message back that could not be taken apart: no failed delivery, but its next receiver is told. Never throws.</summary>
    Task ReturnAsync(Delivery delivery);

    /// <summary>Moves a message to a dead-letter queue, in one step with its acknowledgement.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    Task MoveAsync(Delivery delivery, string target, MessageRecord record);

    /// <summary>Gives the message back for later with a new record: what a delayed send and an acknowledgement would do, and possible on a full server.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    Task PutOffAsync(Delivery delivery, MessageRecord record, TimeSpan delay);

    /// <summary>
    /// Puts messages of their own in the place of one that held many, in one step, and hands them to the consumers. What it held
    /// beyond them is done. Each has one delivery of its own at least, however often the whole was delivered: which of them made those fail, nobody
    /// knows.
    /// </summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    Task SplitAsync(Delivery delivery, IReadOnlyList<(MessageRecord Record, Action<ReceiveContext> Prepare)> parts);

    /// <summary>The acknowledgement has arrived, or has failed for good.</summary>
    void OnSettled(Delivery delivery, bool leaseLost, Exception? error);
}
