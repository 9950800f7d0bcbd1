using MassTransit.Serialization;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Moves faulted messages to the error queue and unconsumed ones to the skipped queue. They keep their body and headers and get further
/// headers.
/// </summary>
internal sealed class DeadLetterTransport(string errorQueue, string skippedQueue) : IErrorTransport, IDeadLetterTransport
{
    public Task Send(ExceptionReceiveContext context)
    {
        var headers = new DictionarySendHeaders();
        foreach (var header in context.ExceptionHeaders.GetAll())
            headers.Set(header.Key, header.Value, overwrite: true);
        headers.SetHostHeaders();
        var received = Received(context);
        if (received.Attempts is { } attempts)
            headers.Set(MessageHeaders.FaultRetryCount, attempts - 1, overwrite: true);
        return received.MoveAsync(errorQueue, headers);
    }

    public Task Send(ReceiveContext context, string reason)
    {
        var headers = new DictionarySendHeaders();
        headers.SetHostHeaders();
        headers.Set(MessageHeaders.Reason, reason ?? "unspecified");
        return Received(context).MoveAsync(skippedQueue, headers);
    }

    static RedisReceiveContext Received(ReceiveContext context) =>
        context.TryGetPayload<RedisReceiveContext>(out var received)
            ? received
            : throw new RedisTransportException("The message was not received from Redis, so it cannot be moved to a dead-letter queue.");
}
