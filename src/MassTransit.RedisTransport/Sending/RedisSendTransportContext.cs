using System.Globalization;
using MassTransit.Configuration;
using MassTransit.Middleware;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.Serialization;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Turns a send context into a record. The connection is shared and repairs itself, so nothing of MassTransit's supervisors
/// stands between a message and its lane.
/// </summary>
internal sealed class RedisSendTransportContext(IHostConfiguration host, ReceiveEndpointContext context, AddressBook addresses, IMessageSink sink)
    : BaseSendTransportContext(host, context.Serialization), SendTransportContext<PipeContext>
{
    public override string EntityName => sink.Name;

    public override string ActivitySystem => "redis";

    public override async Task<SendContext<T>> CreateSendContext<T>(T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
    {
        var sendContext = new RedisSendContext<T>(message, cancellationToken);
        await pipe.Send(sendContext).ConfigureAwait(false);

        // As on RabbitMQ: what a consumer sends, forwards or redelivers is as urgent as what it consumed.
        if (sendContext.Priority is null && sendContext.TryGetPayload<ConsumeContext>(out var consumeContext)
            && consumeContext.TryGetPayload<IReceivedMessage>(out var received))
            sendContext.Priority = received.Priority;

        return sendContext;
    }

    public Task<SendContext<T>> CreateSendContext<T>(PipeContext context, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
        where T : class => CreateSendContext(message, pipe, cancellationToken);

    public Task Send<T>(PipeContext transportContext, SendContext<T> sendContext)
        where T : class
    {
        var context = sendContext as RedisSendContext<T>
            ?? throw new ArgumentException("The send context was not created by the Redis transport.", nameof(sendContext));
        context.CancellationToken.ThrowIfCancellationRequested();

        var delay = context.Delay is { } asked && asked > TimeSpan.Zero ? asked : TimeSpan.Zero;
        SendActivity.OnSend(context, context.Priority ?? 0, delay);
        // The body first: serializers that write raw bodies add headers while they do.
        var body = context.Body.GetBytes();
        var record = new MessageRecord
        {
            MessageId = context.MessageId ?? NewId.NextGuid(),
            ContentType = context.ContentType?.ToString(),
            TimeToLive = context.TimeToLive is { } ttl ? (ttl > TimeSpan.Zero ? ttl : TimeSpan.FromSeconds(1)) : null,
            Headers = Redelivery.CarryOver(context, HeaderMapping.Create(context.Headers, context.RoutingKey, context.PartitionKey, beside: context.Serializer is RawMessageSerializer)),
            Body = body,
        };
        var token = delay > TimeSpan.Zero && context.ScheduledMessageId is { } id ? id.ToString("N", CultureInfo.InvariantCulture) : null;
        var sending = sink.SendAsync(new OutgoingMessage(record.Pack(), context.Priority ?? 0, delay, token, MessageCount: context.MessageCount), context.Mandatory,
            context.IsAnswer(addresses), context.CancellationToken);
        return Redelivery.TryGetOriginal(context, out var original) && original.QueueName == sink.Name
            ? PutOffWhereFullAsync(sending, original, record, delay)
            : sending;
    }

    /// <summary>
    /// A full server takes no further message, but a redelivery is the one in hand once more: it takes that one's place, in one
    /// step that frees before it stores. Refused, it would be a dead letter at once.
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

    public Task Send(IPipe<PipeContext> pipe, CancellationToken cancellationToken = default) => pipe.Send(new SendPipeContext(cancellationToken));

    public void Probe(ProbeContext context)
    {
        context.Add("type", "Redis");
        context.Add("entity", sink.Name);
    }

    sealed class SendPipeContext(CancellationToken cancellationToken) : BasePipeContext(cancellationToken);
}
