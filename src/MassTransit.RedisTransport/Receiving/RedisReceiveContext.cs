using System.Diagnostics.CodeAnalysis;
using MassTransit.Context;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Sending;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>A received message as MassTransit sees it, and the lease it is held by.</summary>
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

    /// <summary>How the endpoint writes messages; that of a consume context only writes the message it was read from.</summary>
    public ISerialization Serialization { get; }

    public override MessageBody Body { get; }

    /// <summary>How often a consumer has tried it in this delivery, where it has said so.</summary>
    public int? Attempts { get; set; }

    /// <summary>Where the answers to a message without request id go.</summary>
    public (Uri? Response, Uri? Fault)? Answers { get; set; }

    /// <summary>How many messages the record holds.</summary>
    public int MessageCount => _delivery.Message.Key.MessageCount;

    /// <summary>The receiver before this one could not take the record apart.</summary>
    public bool WasReturned => _delivery.Message.WasReturned;

    /// <summary>The message goes back to its queue when this delivery is over, whatever filters make of it: neither acknowledged nor failed.</summary>
    public bool IsReturned { get; set; }

    IReadOnlyList<KeyValuePair<string, object>> IReceivedMessage.StoredHeaders => Record.Headers;

    public byte Priority => _delivery.Message.Key.Priority;

    public ulong? SequenceNumber => _delivery.Sequence;

    public string? RoutingKey => Find(RecordHeaders.RoutingKey) as string;

    public string? PartitionKey => Find(RecordHeaders.PartitionKey) as string;

    /// <summary>Told as it is asked for: after a freeze whoever looks first must not take the message for his.</summary>
    public override CancellationToken CancellationToken
    {
        get
        {
            if (_holder.TryCancelOverdue(_delivery))
                CancelSafely();
            return base.CancellationToken;
        }
    }

    /// <summary>The queue it was received from.</summary>
    public string QueueName => _holder.QueueName;

    protected override IHeaderProvider HeaderProvider => this;

    protected override ISendEndpointProvider GetSendEndpointProvider() => new AnswerEndpointProvider(base.GetSendEndpointProvider(), this, _endpoint.Engine);

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
            // Whoever copies all headers of a message into another one copies these too: they are told of what is received, once.
            if (!IsOf(header.Key, MessageHeaders.TransportMessageId) && !(Record.ContentType is not null && IsOf(header.Key, ContentTypeHeader)))
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

    /// <summary>Moves the message, in one step with its acknowledgement.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    public Task MoveAsync(string target, SendHeaders headers) =>
        _holder.MoveAsync(_delivery, target, DeadLetterRecord.Create(Record, headers, _delivery.Message.DeliveryCount + 1));

    /// <summary>Puts messages of their own in the place of this one, which holds many, in one step with its acknowledgement.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    public Task SplitAsync(IReadOnlyList<(MessageRecord Record, Action<ReceiveContext> Prepare)> parts) => _holder.SplitAsync(_delivery, parts);

    /// <summary>Gives the message back for later with a new record, in one step.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    public Task PutOffAsync(MessageRecord record, TimeSpan delay) => _holder.PutOffAsync(_delivery, record, delay);

    /// <summary>Cancels the consumer, which may have finished just now. What it does when told is its own affair.</summary>
    public void CancelSafely()
    {
        try
        {
            Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It finished just now.
        }
        catch (AggregateException)
        {
            // A callback of the consumer's own threw while it was told.
        }
    }

    /// <summary>The first thing that a dispatch does inside its span.</summary>
    Task ReceiveLockContext.ValidateLockStatus()
    {
        ReceiveActivity.OnReceive(this, _delivery.Message.DeliveryCount);
        return _holder.ValidateAsync(_delivery);
    }

    Task ReceiveLockContext.Complete() => IsReturned ? _holder.ReturnAsync(_delivery) : _holder.CompleteAsync(_delivery);

    Task ReceiveLockContext.Faulted(Exception exception) => IsReturned ? _holder.ReturnAsync(_delivery) : _holder.FaultedAsync(_delivery, exception);

    object? Find(string key) => RecordHeaders.Find(Record.Headers, key);

    static bool IsOf(string key, string name) => string.Equals(key, name, StringComparison.OrdinalIgnoreCase);

    string MessageIdText() => _messageId ??= Record.MessageId.ToString("D");
}
