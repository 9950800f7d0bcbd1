using System.Globalization;
using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.Scheduling;

namespace MassTransit.RedisTransport.Scheduling;

/// <summary>Schedules messages by the transport's own delay, and cancels those that no receiver has taken yet.</summary>
internal sealed class RedisScheduleMessageProvider(EngineHost host, ISendEndpointProvider sendEndpointProvider) : IScheduleMessageProvider
{
    public async Task<ScheduledMessage<T>> ScheduleSend<T>(Uri destinationAddress, DateTime scheduledTime, T message,
        IPipe<SendContext<T>> pipe,
        CancellationToken cancellationToken)
        where T : class
    {
        var schedulePipe =
            new ScheduleSendPipe<T>(pipe, scheduledTime) { ScheduledMessageId = ScheduleTokenIdCache<T>.GetTokenId(message) };
        schedulePipe.ScheduledMessageId ??= NewId.NextGuid();
        var endpoint = await sendEndpointProvider.GetSendEndpoint(destinationAddress).ConfigureAwait(false);
        await endpoint.Send(message, schedulePipe, cancellationToken).ConfigureAwait(false);
        return new ScheduledMessageHandle<T>(schedulePipe.ScheduledMessageId ?? Guid.Empty, scheduledTime, destinationAddress, message);
    }

    /// <exception cref="NotSupportedException">Always, because a token alone does not tell in which queue the message waits.</exception>
    public Task CancelScheduledSend(Guid tokenId, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Redis keeps a scheduled message in its queue: cancel it with the address it was scheduled for, "
            + "CancelScheduledSend(destinationAddress, tokenId).");

    public async Task CancelScheduledSend(Uri destinationAddress, Guid tokenId, CancellationToken cancellationToken)
    {
        var destination = RedisEndpointAddress.Parse(host.Address, destinationAddress);
        var token = tokenId.ToString("N", CultureInfo.InvariantCulture);
        var engine = host.Current;
        var queues = new HashSet<string>(StringComparer.Ordinal);
        if (destination.IsTopic || destination.IsExchange)
            queues.UnionWith((await engine.Topology.ResolveAsync(destination.Name, cancellationToken).ConfigureAwait(false))
                .Select(x => x.Queue));
        if (!destination.IsTopic && QueueName.IsValid(destination.Name))
            queues.Add(destination.Name);
        foreach (var queue in queues)
            await engine.Passing(queue).CancelAsync(token, cancellationToken).ConfigureAwait(false);
    }
}
