using System.Globalization;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Converts MassTransit's headers to those of a record. Headers without a plain value (objects, lists) are sent in the message's envelope,
/// which a raw message does not have.
/// </summary>
internal static class HeaderMapping
{
    /// <param name="headers">The message's headers.</param>
    /// <param name="routingKey">Added to the headers.</param>
    /// <param name="partitionKey">Added to the headers.</param>
    /// <param name="beside">
    /// True if the body contains no headers (raw JSON), so that a header which does not fit here would be lost.
    /// </param>
    /// <exception cref="RedisTransportException">A header has a value that cannot be sent.</exception>
    public static IReadOnlyList<KeyValuePair<string, object>> Create(SendHeaders headers, string? routingKey, string? partitionKey,
        bool beside = false)
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

    /// <summary>Returns the headers of a received message, with some replaced or added.</summary>
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
        $"The header '{header.Key}' is a {TypeCache.GetShortName(header.Value.GetType())}, which a raw message cannot carry: its headers "
        + "stand beside the body, as text, numbers, times, GUIDs or flags. Write it as text (JSON), put it into the message, or use the "
        + "serializer with an envelope.");

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
