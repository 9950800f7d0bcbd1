using System.Globalization;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>Converts records to the objects that operators see, and dead letters back to records for their consumers.</summary>
internal static class RecordReading
{
    const string ActivityIdHeader = "MT-Activity-Id";
    const string FaultPrefix = "MT-Fault-";
    const string UnreadableReason = "unreadable";

    /// <summary>
    /// The headers that a move adds about its own process. <c>MT-Host-Info</c> is not one of them, because a sender of raw JSON writes it.
    /// </summary>
    static readonly string[] MoverHeaders =
    [
        MessageHeaders.Host.MachineName, MessageHeaders.Host.ProcessName, MessageHeaders.Host.ProcessId, MessageHeaders.Host.Assembly,
        MessageHeaders.Host.AssemblyVersion, MessageHeaders.Host.MassTransitVersion, MessageHeaders.Host.FrameworkVersion,
        MessageHeaders.Host.OperatingSystemVersion,
    ];

    public static RedisDeadLetter DeadLetter(QueueName queue, string? original, WaitingMessage message)
    {
        // A member that no script has written has the lowest priority and no time.
        _ = MessageKey.TryParse(System.Text.Encoding.UTF8.GetBytes(message.Key), out var key);
        var bytes = message.Record ?? default;
        if (!MessageRecord.TryParse(bytes, out var record))
        {
            return new RedisDeadLetter
            {
                Key = message.Key,
                Queue = queue.Value,
                OriginalQueue = original ?? "",
                Priority = key.Priority,
                Reason = UnreadableReason,
                FaultMessage = message.Record is null
                    ? "The body is missing." : "The record is damaged, or was written by a newer version of the transport.",
                DeadSince = key.Time,
                Headers = Table([]),
                Body = bytes,
                Record = bytes,
            };
        }

        var headers = Table(record.Headers);
        var (types, redelivered) = Envelope(record, headers);
        var last = Time(headers, MessageHeaders.FaultTimestamp);
        var activity = Text(headers, ActivityIdHeader);
        return new RedisDeadLetter
        {
            Key = message.Key,
            Queue = queue.Value,
            OriginalQueue = SourceOf(headers) ?? original ?? FaultSourceOf(headers) ?? "",
            IsReadable = !IsWrapped(record),
            MessageId = record.MessageId,
            Priority = key.Priority,
            ContentType = record.ContentType,
            MessageTypes = types,
            Reason = Text(headers, MessageHeaders.Reason),
            ExceptionType = Text(headers, MessageHeaders.FaultExceptionType),
            FaultMessage = Text(headers, MessageHeaders.FaultMessage),
            StackTrace = Text(headers, MessageHeaders.FaultStackTrace),
            RetryCount = Number(headers, MessageHeaders.FaultRetryCount),
            RedeliveryCount = Number(headers, MessageHeaders.FaultRedeliveryCount) ?? Number(headers, MessageHeaders.RedeliveryCount)
                ?? redelivered,
            DeliveryCount = Number(headers, RecordHeaders.DeliveryCount),
            ReplayCount = Number(headers, RecordHeaders.ReplayCount) ?? 0,
            ReplayedFrom = Text(headers, RecordHeaders.ReplayedFrom),
            FirstFailedAt = Time(headers, RecordHeaders.FirstFaultTimestamp) ?? last,
            LastFailedAt = last,
            DeadSince = key.Time,
            ActivityId = activity,
            TraceId = activity?.Split('-') is [_, { Length: 32 } trace, ..] ? trace : null,
            Headers = headers,
            Body = record.Body,
            Record = bytes,
        };
    }

    public static RedisQueuedMessage Queued(StoredMessage message, MessageState state)
    {
        // A member that no script has written has the lowest priority and no time.
        _ = MessageKey.TryParse(System.Text.Encoding.UTF8.GetBytes(message.Key), out var key);
        var readable = MessageRecord.TryParse(message.Record ?? default, out var record);
        var headers = Table(record?.Headers ?? []);
        return new RedisQueuedMessage
        {
            Key = message.Key,
            IsReadable = readable,
            MessageId = record?.MessageId ?? Guid.Empty,
            Priority = key.Priority,
            ContentType = record?.ContentType,
            MessageTypes = record is null ? [] : Envelope(record, headers).Types,
            AvailableAt = state == MessageState.Delayed ? MessageKey.Epoch.AddMilliseconds(message.Score) : key.Time,
            LeasedUntil = state == MessageState.Leased ? MessageKey.Epoch.AddMilliseconds(message.Score) : null,
            FailedDeliveries = message.DeliveryCount,
            Headers = headers,
            Body = record?.Body ?? message.Record ?? default,
        };
    }

    /// <summary>Creates the record of a replay: as it was sent, with the replay count raised.</summary>
    /// <param name="letter">The dead letter.</param>
    /// <param name="activityId">The activity that continues its trace; <c>null</c>: unchanged.</param>
    /// <param name="operation">The operation that replays it; <c>null</c>: none.</param>
    public static ReadOnlyMemory<byte> Replayed(RedisDeadLetter letter, string? activityId = null, string? operation = null)
    {
        // An unreadable record is moved back unchanged, because a consumer of a newer version may be able to read it.
        if (!letter.IsReadable)
            return letter.Body;

        var headers = new List<KeyValuePair<string, object>>(letter.Headers.Count + 2);
        foreach (var header in letter.Headers)
        {
            if (!IsOfFailure(header.Key)
                && (activityId is null || !header.Key.Equals(ActivityIdHeader, StringComparison.OrdinalIgnoreCase)))
                headers.Add(header);
        }

        if (activityId is not null)
            headers.Add(new(ActivityIdHeader, activityId));
        headers.Add(new(RecordHeaders.ReplayCount, letter.ReplayCount + 1));
        headers.Add(new(RecordHeaders.ReplayedFrom, letter.Queue));
        if (operation is not null)
            headers.Add(new(RecordHeaders.ReplayOperation, operation));
        return new MessageRecord
        {
            MessageId = letter.MessageId,
            ContentType = letter.ContentType,
            Headers = headers,
            Body = JsonEnvelope.IsEnvelope(letter.ContentType)
                ? JsonEnvelope.WithoutHeader(letter.Body, MessageHeaders.RedeliveryCount) : letter.Body,
        }.Pack();
    }

    public static string? Text(IReadOnlyDictionary<string, object> headers, string name) =>
        headers.TryGetValue(name, out var value) ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    /// <summary>True if the body is a whole record that the transport could not read.</summary>
    static bool IsWrapped(MessageRecord record) => UnreadableReason.Equals(RecordHeaders.Find(record.Headers, MessageHeaders.Reason));

    static bool IsOfFailure(string header) =>
        header.StartsWith(FaultPrefix, StringComparison.OrdinalIgnoreCase)
        || header.Equals(MessageHeaders.Reason, StringComparison.OrdinalIgnoreCase)
        || header.Equals(MessageHeaders.RedeliveryCount, StringComparison.OrdinalIgnoreCase)
        || header.Equals(RecordHeaders.ReplayCount, StringComparison.OrdinalIgnoreCase)
        || header.Equals(RecordHeaders.ReplayedFrom, StringComparison.OrdinalIgnoreCase)
        || header.Equals(RecordHeaders.ReplayOperation, StringComparison.OrdinalIgnoreCase)
        || header.Equals(RecordHeaders.DeadLetterSource, StringComparison.OrdinalIgnoreCase)
        || MoverHeaders.Contains(header, StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the source queue from the header that the move has written.</summary>
    static string? SourceOf(Dictionary<string, object> headers) =>
        Text(headers, RecordHeaders.DeadLetterSource) is { } source && QueueName.IsValid(source) ? source : null;

    /// <summary>
    /// Returns the source queue from the input address of the failed endpoint, for records of older versions of the transport.
    /// </summary>
    static string? FaultSourceOf(Dictionary<string, object> headers) =>
        Text(headers, MessageHeaders.FaultInputAddress) is { } text && Uri.TryCreate(text, UriKind.Absolute, out var address)
        && Uri.UnescapeDataString(address.AbsolutePath[(address.AbsolutePath.LastIndexOf('/') + 1)..]) is var name
        && QueueName.IsValid(name) ? name : null;

    static (IReadOnlyList<string> Types, int? Redelivered) Envelope(MessageRecord record, Dictionary<string, object> headers)
    {
        var (types, redelivered) = JsonEnvelope.IsEnvelope(record.ContentType) ? JsonEnvelope.Read(record.Body.Span) : ([], null);
        if (types.Count == 0 && (Text(headers, MessageHeaders.MessageType) ?? Text(headers, MessageHeaders.FaultMessageType)) is { } named)
            types = named.Split([';', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return (types, redelivered);
    }

    static Dictionary<string, object> Table(IReadOnlyList<KeyValuePair<string, object>> headers)
    {
        var table = new Dictionary<string, object>(headers.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var header in headers)
            table[header.Key] = header.Value;
        return table;
    }

    static int? Number(Dictionary<string, object> headers, string name) =>
        int.TryParse(Text(headers, name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    static DateTimeOffset? Time(Dictionary<string, object> headers, string name) =>
        headers.TryGetValue(name, out var value) && value is DateTimeOffset time
            ? time
            : DateTimeOffset.TryParse(Text(headers, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time)
            ? time : null;
}
