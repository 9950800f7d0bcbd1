using System.Diagnostics.CodeAnalysis;
using MassTransit.Context;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Sending;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>A received message as MassTransit sees it, and the lease it is held by.</summary>
internal sealed class RedisReceiveContext : BaseReceiveContext, ReceiveLockContext, TransportReceiveContext, ITransportSequenceNumber,
    RoutingKeyConsumeContext, PartitionKeyConsumeContext, IHeaderProvider
{
    const string ContentTypeHeader = "Content-Type";

    readonly Delivery _delivery;
    readonly MessageReceiver _receiver;
    string? _messageId;

    public RedisReceiveContext(Delivery delivery, MessageRecord record, RedisReceiveEndpointContext endpoint, MessageReceiver receiver)
        : base(delivery.Message.DeliveryCount > 0, endpoint)
    {
        _delivery = delivery;
        _receiver = receiver;
        Serialization = endpoint.Serialization;
        Record = record;
        Body = new BytesMessageBody(record.Body.ToArray());
        if (delivery.Memory is { } memory)
            GetOrAddPayload(() => new DeliveryMemory(memory));
    }

    public MessageRecord Record { get; }

    /// <summary>How the endpoint writes messages; that of a consume context only writes the message it was read from.</summary>
    public ISerialization Serialization { get; }

    public override MessageBody Body { get; }

    /// <summary>How often a consumer has tried it in this delivery, where it has said so.</summary>
    public int? Attempts { get; set; }

    public byte Priority => _delivery.Message.Key.Priority;

    public ulong? SequenceNumber => _delivery.Sequence;

    public string? RoutingKey => Find(RecordHeaders.RoutingKey) as string;

    public string? PartitionKey => Find(RecordHeaders.PartitionKey) as string;

    protected override IHeaderProvider HeaderProvider => this;

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
        if (Record.ContentType is { } contentType)
            yield return new(ContentTypeHeader, contentType);
        foreach (var header in Record.Headers)
            yield return header;
    }

    public bool TryGetHeader(string key, [NotNullWhen(true)] out object? value)
    {
        value = Find(key);
        if (value is null && string.Equals(key, ContentTypeHeader, StringComparison.OrdinalIgnoreCase))
            value = Record.ContentType;
        if (value is null && string.Equals(key, MessageHeaders.TransportMessageId, StringComparison.OrdinalIgnoreCase))
            value = MessageIdText();
        return value is not null;
    }

    /// <summary>Moves the message, in one step with its acknowledgement.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    public Task MoveAsync(string target, SendHeaders headers) =>
        _receiver.MoveAsync(_delivery, target, DeadLetterRecord.Create(Record, headers, _delivery.Message.DeliveryCount + 1));

    /// <summary>Puts messages of their own in the place of this one, which holds many, in one step with its acknowledgement.</summary>
    /// <exception cref="LeaseLostException">The message belongs to another consumer by now.</exception>
    public Task SplitAsync(IReadOnlyList<(MessageRecord Record, object? Memory)> parts) => _receiver.SplitAsync(_delivery, parts);

    /// <summary>The first thing that a dispatch does inside its span.</summary>
    Task ReceiveLockContext.ValidateLockStatus()
    {
        TransportActivities.OnReceive(this, _delivery.Message.DeliveryCount);
        return _delivery.State == DeliveryState.Lost ? Task.FromException(_receiver.LeaseLost(_delivery)) : Task.CompletedTask;
    }

    Task ReceiveLockContext.Complete() => _receiver.Complete(_delivery);

    Task ReceiveLockContext.Faulted(Exception exception) => _receiver.FaultedAsync(_delivery, exception);

    object? Find(string key) => RecordHeaders.Find(Record.Headers, key);

    string MessageIdText() => _messageId ??= Record.MessageId.ToString("D");
}
