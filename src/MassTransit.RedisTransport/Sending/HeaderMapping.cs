using System.Globalization;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Turns MassTransit's headers into those of a record. What has no plain value (objects, lists) travels in the message's envelope; a raw message has none.</summary>
internal static class HeaderMapping
{
    /// <param name="headers">The message's headers.</param>
    /// <param name="routingKey">Goes with them.</param>
    /// <param name="partitionKey">Goes with them.</param>
    /// <param name="beside">The body carries none (raw JSON): what has no place here would be gone.</param>
    /// <exception cref="RedisTransportException">A header has a value that cannot be carried.</exception>
    public static IReadOnlyList<KeyValuePair<string, object>> Create(SendHeaders headers, string? routingKey, string? partitionKey, bool beside = false)
    {
        List<KeyValuePair<string, object>>? list = null;
        foreach (var header in headers.GetAll())
        {
            if (Plain(header.Value) is { } value)
                (list ??= []).Add(new(header.Key, value));
            else if (beside && header.Value is not null)
                throw NotPlain(new(header.Key, header.Value));
        }

        if (!string.IsNullOrWhiteSpace(routingKey))
            (list ??= []).Add(new(RecordHeaders.RoutingKey, routingKey));
        if (!string.IsNullOrWhiteSpace(partitionKey))
            (list ??= []).Add(new(RecordHeaders.PartitionKey, partitionKey));
        return list is null ? [] : list;
    }

    /// <summary>The headers of a received message, with others put in their places.</summary>
    public static IReadOnlyList<KeyValuePair<string, object>> Merge(IReadOnlyList<KeyValuePair<string, object>> headers, SendHeaders added)
    {
        var merged = new Dictionary<string, object>(headers.Count + 16, StringComparer.OrdinalIgnoreCase);
        foreach (var header in headers)
            merged[header.Key] = header.Value;
        foreach (var header in added.GetAll())
        {
            if (Plain(header.Value) is { } value)
                merged[header.Key] = value;
        }

        return [.. merged];
    }

    static RedisTransportException NotPlain(in KeyValuePair<string, object> header) => new(
        $"The header '{header.Key}' is a {TypeCache.GetShortName(header.Value.GetType())}, which a raw message cannot carry: its headers stand beside the body, as text, numbers, "
        + "times, GUIDs or flags. Write it as text (JSON), put it into the message, or use the serializer with an envelope.");

    static object? Plain(object? value) => value switch
    {
        null => null,
        string or bool or Guid => value,
        Uri uri => uri.ToString(),
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("O", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("O", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        IFormattable => value,
        _ => null,
    };
}
