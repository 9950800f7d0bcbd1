using System.Diagnostics.CodeAnalysis;
using MassTransit.Context;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Sending;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>MassTransit's context of a received message, with its lease.</summary>
internal sealed class RedisReceiveContext : BaseReceiveContext, ReceiveLockContext, TransportReceiveContext, ITransportSequenceNumber,
    RoutingKeyConsumeContext, PartitionKeyConsumeContext, IHeaderProvider, IReceivedMessage
{
    const string ContentTypeHeader = "Content-Type";

    readonly Delivery _delivery;
    readonly ILeaseHolder _holder;
    readonly RedisReceiveEndpointContext _endpoint;
    string? _messageId;

    public RedisReceiveContext(Delivery delivery, MessageRecord record, RedisReceiveEndpointContext endpoint, ILeaseHolder holder)
        : base(DeliveryGuard.ComesAgain(delivery), endpoint)
    {
        _delivery = delivery;
        _holder = holder;
        _endpoint = endpoint;
        Serialization = endpoint.Serialization;
        Record = record;
        Body = new BytesMessageBody(record.Body.ToArray());
        delivery.Prepare?.Invoke(this);
    }

    public MessageRecord Record { get; }

    /// <summary>
    /// The serialization of the endpoint. The serializer of a consume context can only write the message that it was read from.
    /// </summary>
    public ISerialization Serialization { get; }

    public override MessageBody Body { get; }

    /// <summary>How often a consumer has tried it in this delivery, if the consumer has reported that.</summary>
    public int? Attempts { get; set; }

    /// <summary>The addresses for answers to a message without a request id.</summary>
    public (Uri? Response, Uri? Fault)? Answers { get; set; }

    /// <summary>How many messages the record holds.</summary>
    public int MessageCount => _delivery.Message.Key.MessageCount;

    /// <summary>True if the receiver before this one could not split the record.</summary>
    public bool WasReturned => _delivery.Message.WasReturned;

    /// <summary>
    /// True if the message returns to its queue when this delivery ends, whatever filters do. It is then neither acknowledged nor failed.
    /// </summary>
    public bool IsReturned { get; set; }

    /// <summary>
    /// True if the message goes back to its place when this delivery ends, whatever filters do, as if it had never been delivered.
    /// </summary>
    public bool IsGivenBack { get; set; }

    IReadOnlyList<KeyValuePair<string, object>> IReceivedMessage.StoredHeaders => Record.Headers;

    public byte Priority => _delivery.Message.Key.Priority;

    public ulong? SequenceNumber => _delivery.Sequence;

    public string? RoutingKey => Find(RecordHeaders.RoutingKey) as string;

    public string? PartitionKey => Find(RecordHeaders.PartitionKey) as string;

    /// <summary>
    /// The token is checked for an overdue lease at each read, so that after a freeze no caller takes the message for its own.
    /// </summary>
    public override CancellationToken CancellationToken
    {
        get
        {
            if (_holder.TryCancelOverdue(_delivery))
                CancelSafely();
            return base.CancellationToken;
        }
    }

    /// <summary>The queue that it was received from.</summary>
    public string QueueName => _holder.QueueName;

    protected override IHeaderProvider HeaderProvider => this;

    protected override ISendEndpointProvider GetSendEndpointProvider() =>
        new AnswerEndpointProvider(base.GetSendEndpointProvider(), this, _endpoint.Engine);

    public IDictionary<string, object>? GetTransportProperties()
    {
        if (Priority == 0 && RoutingKey is null && PartitionKey is null)
            return null;

        var properties = new Dictionary<string, object>(StringComparer.Ordinal);
        TransportProperties.Write(properties, Priority, RoutingKey, PartitionKey);
        return properties;
    }

    public IEnumerable<KeyValuePair<string, object>> GetAll()
    {
        yield return new(MessageHeaders.TransportMessageId, MessageIdText());
        if (Find(MessageHeaders.MessageId) is null)
            yield return new(MessageHeaders.MessageId, MessageIdText());
        if (Record.ContentType is { } contentType)
            yield return new(ContentTypeHeader, contentType);
        foreach (var header in Record.Headers)
        {
            // A sender that copies all headers of a received message also stores these two. They are skipped, because this message's own
            // values are returned above.
            if (!IsOf(header.Key, MessageHeaders.TransportMessageId)
                && !(Record.ContentType is not null && IsOf(header.Key, ContentTypeHeader)))
                yield return header;
        }
    }

    public bool TryGetHeader(string key, [NotNullWhen(true)] out object? value)
    {
        value = IsOf(key, MessageHeaders.TransportMessageId) ? MessageIdText() : Find(key);
        if (value is null && IsOf(key, ContentTypeHeader))
            value = Record.ContentType;
        if (value is null && IsOf(key, MessageHeaders.MessageId))
            value = MessageIdText();
        return value is not null;
    }

    /// <summary>Moves the message in one step with its acknowledgement.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer now.</exception>
    public Task MoveAsync(string target, SendHeaders headers) =>
        _holder.MoveAsync(_delivery, target, DeadLetterRecord.Create(Record, headers, _delivery.Message.DeliveryCount + 1));

    /// <summary>Replaces this record, which holds many messages, by single ones in one step with its acknowledgement.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer now.</exception>
    public Task SplitAsync(IReadOnlyList<(MessageRecord Record, Action<ReceiveContext> Prepare)> parts) =>
        _holder.SplitAsync(_delivery, parts);

    /// <summary>Replaces the message by a delayed one with a new record, in one step.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer now.</exception>
    public Task PutOffAsync(MessageRecord record, TimeSpan delay) => _holder.PutOffAsync(_delivery, record, delay);

    /// <summary>Cancels the consumer. It may have finished meanwhile, and its callbacks may throw; both are ignored.</summary>
    public void CancelSafely()
    {
        try
        {
            Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The consumer has finished meanwhile.
        }
        catch (AggregateException)
        {
            // A callback of the consumer has thrown.
        }
    }

    /// <summary>Called first by a dispatch inside its span.</summary>
    Task ReceiveLockContext.ValidateLockStatus()
    {
        ReceiveActivity.OnReceive(this, _delivery.Message.DeliveryCount);
        return _holder.ValidateAsync(_delivery);
    }

    Task ReceiveLockContext.Complete() => IsGivenBack ? _holder.GiveBackAsync(_delivery)
        : IsReturned ? _holder.ReturnAsync(_delivery)
        : _holder.CompleteAsync(_delivery);

    Task ReceiveLockContext.Faulted(Exception exception) => IsGivenBack ? _holder.GiveBackAsync(_delivery)
        : IsReturned ? _holder.ReturnAsync(_delivery)
        : _holder.FaultedAsync(_delivery, exception);

    object? Find(string key) => RecordHeaders.Find(Record.Headers, key);

    static bool IsOf(string key, string name) => string.Equals(key, name, StringComparison.OrdinalIgnoreCase);

    string MessageIdText() => _messageId ??= Record.MessageId.ToString("D");
}
