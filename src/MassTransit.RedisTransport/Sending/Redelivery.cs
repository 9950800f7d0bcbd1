using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// A message that its consumer sends again for later (<c>UseDelayedRedelivery</c>): a new message in all but name. What is known
/// of the one in hand would be lost.
/// </summary>
internal static class Redelivery
{
    /// <summary>The message in hand, where the one being sent is it once more.</summary>
    public static bool TryGetOriginal(SendContext context, [NotNullWhen(true)] out IReceivedMessage? original)
    {
        original = null;
        return context.Headers.TryGetHeader(MessageHeaders.RedeliveryCount, out _) && context.TryGetPayload<ConsumeContext>(out var consumed)
            && consumed.TryGetPayload(out original);
    }

    /// <summary>Adds when it failed first, and that it was replayed. Kept beside the body, which is not written anew for it.</summary>
    public static IReadOnlyList<KeyValuePair<string, object>> CarryOver(SendContext context, IReadOnlyList<KeyValuePair<string, object>> headers)
    {
        if (!TryGetOriginal(context, out var original))
            return headers;

        var list = new List<KeyValuePair<string, object>>(headers.Count + 3);
        list.AddRange(headers);
        foreach (var name in (ReadOnlySpan<string>)[RecordHeaders.FirstFaultTimestamp, RecordHeaders.ReplayCount, RecordHeaders.ReplayedFrom])
        {
            if (RecordHeaders.Find(headers, name) is null && RecordHeaders.Find(original.StoredHeaders, name) is { } value)
                list.Add(new(name, value));
        }

        if (RecordHeaders.Find(list, RecordHeaders.FirstFaultTimestamp) is null)
            list.Add(new(RecordHeaders.FirstFaultTimestamp, TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)));
        return list;
    }
}
