using System.Globalization;
using MassTransit.Configuration;
using MassTransit.Middleware;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.Serialization;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Converts a send context to a record and sends it. MassTransit's supervisors are not used, because the shared connection reconnects by
/// itself.
/// </summary>
internal sealed class RedisSendTransportContext(IHostConfiguration host, ReceiveEndpointContext context, AddressBook addresses,
    IMessageSink sink)
    : BaseSendTransportContext(host, context.Serialization), SendTransportContext<PipeContext>
{
    public override string EntityName => sink.Name;

    public override string ActivitySystem => "redis";

    public override async Task<SendContext<T>> CreateSendContext<T>(T message, IPipe<SendContext<T>> pipe,
        CancellationToken cancellationToken)
    {
        var sendContext = new RedisSendContext<T>(message, cancellationToken);
        await pipe.Send(sendContext).ConfigureAwait(false);

        // As on RabbitMQ, a message that a consumer sends, forwards or redelivers has the priority of the consumed one.
        if (sendContext.Priority is null && sendContext.TryGetPayload<ConsumeContext>(out var consumeContext)
            && consumeContext.TryGetPayload<IReceivedMessage>(out var received))
            sendContext.Priority = received.Priority;

        return sendContext;
    }

    public Task<SendContext<T>> CreateSendContext<T>(PipeContext context, T message, IPipe<SendContext<T>> pipe,
        CancellationToken cancellationToken)
        where T : class => CreateSendContext(message, pipe, cancellationToken);

    public Task Send<T>(PipeContext transportContext, SendContext<T> sendContext)
        where T : class
    {
        var context = sendContext as RedisSendContext<T>
            ?? throw new ArgumentException("The send context was not created by the Redis transport.", nameof(sendContext));
        context.CancellationToken.ThrowIfCancellationRequested();

        var delay = context.Delay is { } asked && asked > TimeSpan.Zero ? asked : TimeSpan.Zero;
        SendActivity.OnSend(context, context.Priority ?? 0, delay);
        // The body is written first, because serializers of raw bodies add headers while they write.
        var body = context.Body.GetBytes();
        var record = new MessageRecord
        {
            MessageId = context.MessageId ?? NewId.NextGuid(),
            ContentType = context.ContentType?.ToString(),
            TimeToLive = context.TimeToLive is { } ttl ? (ttl > TimeSpan.Zero ? ttl : TimeSpan.FromSeconds(1)) : null,
            Headers = Redelivery.CarryOver(context, HeaderMapping.Create(context.Headers, context.RoutingKey, context.PartitionKey,
                beside: context.Serializer is RawMessageSerializer)),
            Body = body,
        };
        var token = delay > TimeSpan.Zero && context.ScheduledMessageId is { } id ? id.ToString("N", CultureInfo.InvariantCulture) : null;
        var sending = sink.SendAsync(
            new OutgoingMessage(record.Pack(), context.Priority ?? 0, delay, token, MessageCount: context.MessageCount), context.Mandatory,
            context.IsAnswer(addresses), context.CancellationToken);
        return Redelivery.TryGetOriginal(context, out var original) && original.QueueName == sink.Name
            ? PutOffWhereFullAsync(sending, original, record, delay)
            : sending;
    }

    /// <summary>
    /// Sends a redelivery on a full server, which refuses further messages. The redelivery replaces the message that is being consumed, in
    /// one step that frees memory before it stores. If it were refused, the message would be dead-lettered at once.
    /// </summary>
    static async Task PutOffWhereFullAsync(Task sending, IReceivedMessage original, MessageRecord record, TimeSpan delay)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (RedisTransportException exception) when (exception.InnerException is { } cause && RedisErrors.IsFull(cause))
        {
            await original.PutOffAsync(record, delay).ConfigureAwait(false);
        }
    }

    public Task Send(IPipe<PipeContext> pipe, CancellationToken cancellationToken = default) =>
        pipe.Send(new SendPipeContext(cancellationToken));

    public void Probe(ProbeContext context)
    {
        context.Add("type", "Redis");
        context.Add("entity", sink.Name);
    }

    sealed class SendPipeContext(CancellationToken cancellationToken) : BasePipeContext(cancellationToken);
}
