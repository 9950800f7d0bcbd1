using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Handles a message that its consumer sends again for later (<c>UseDelayedRedelivery</c>). To MassTransit it is a new message, so what is
/// known about the original would be lost.
/// </summary>
internal static class Redelivery
{
    /// <summary>Returns the message that is being consumed, if the message to send is its redelivery.</summary>
    public static bool TryGetOriginal(SendContext context, [NotNullWhen(true)] out IReceivedMessage? original)
    {
        original = null;
        return context.Headers.TryGetHeader(MessageHeaders.RedeliveryCount, out _)
            && context.TryGetPayload<ConsumeContext>(out var consumed)
            && consumed.TryGetPayload(out original);
    }

    /// <summary>
    /// Adds the headers for the first failure and for replays. They are stored outside the body, which is not written again for them.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<string, object>> CarryOver(SendContext context,
        IReadOnlyList<KeyValuePair<string, object>> headers)
    {
        if (!TryGetOriginal(context, out var original))
            return headers;

        var list = new List<KeyValuePair<string, object>>(headers.Count + 4);
        list.AddRange(headers);
        foreach (var name in (ReadOnlySpan<string>)[RecordHeaders.FirstFaultTimestamp, RecordHeaders.ReplayCount,
            RecordHeaders.ReplayedFrom, RecordHeaders.ReplayOperation])
        {
            if (RecordHeaders.Find(headers, name) is null && RecordHeaders.Find(original.StoredHeaders, name) is { } value)
                list.Add(new(name, value));
        }

        if (RecordHeaders.Find(list, RecordHeaders.FirstFaultTimestamp) is null)
            list.Add(new(RecordHeaders.FirstFaultTimestamp, TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)));
        return list;
    }
}
