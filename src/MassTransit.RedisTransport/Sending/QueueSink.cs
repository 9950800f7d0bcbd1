using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.Shared;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Sends to one queue. A missing queue is skipped if it is temporary (a response queue) or if a received message has named it as the
/// address for its answer. Nobody waits for the message any more, and senders could otherwise let queues be created without end.
/// </summary>
internal sealed class QueueSink(EngineHost host, string name, bool temporary) : IMessageSink
{
    Lane? _lane;

    public string Name => name;

    public Task SendAsync(OutgoingMessage message, bool mandatory, bool answer, CancellationToken cancellationToken) => temporary || answer
        ? SendIfThereAsync(message, mandatory, cancellationToken)
        : SendAlwaysAsync(message, null, cancellationToken);

    public Task SendAlwaysAsync(in OutgoingMessage message, Deadline? deadline, CancellationToken cancellationToken)
    {
        // A bus that was stopped and started again has another engine, so it is read for each send.
        var engine = host.Current;
        var lane = _lane;
        if (lane is null || !ReferenceEquals(lane.Engine, engine))
            _lane = lane = new Lane(engine, engine.Queue(name));
        return lane.Queue.SendAsync(message, onlyIfExists: false, deadline, cancellationToken);
    }

    /// <summary>Returns false if the queue does not exist.</summary>
    public async Task<bool> TrySendAsync(OutgoingMessage message, Deadline? deadline, CancellationToken cancellationToken) =>
        await host.Current.Passing(name).SendAsync(message, onlyIfExists: true, deadline, cancellationToken)
            .ConfigureAwait(false) != SendOutcome.QueueGone;

    async Task SendIfThereAsync(OutgoingMessage message, bool mandatory, CancellationToken cancellationToken)
    {
        if (await TrySendAsync(message, null, cancellationToken).ConfigureAwait(false))
            return;
        if (mandatory)
            throw new RedisMessageNotRoutedException(
                $"The {(temporary ? "temporary " : "")}queue '{Name}' is gone, so nobody would get the message: its receiver has stopped.");
        LogMessages.AnswerDropped(host.Logger, name);
    }

    sealed record Lane(QueueEngine Engine, MessageQueue Queue);
}
