namespace MassTransit.RedisTransport.Inspection;

/// <summary>Tests whether a dead letter meets a filter.</summary>
internal static class DeadLetterMatch
{
    public static bool Matches(this RedisDeadLetterFilter? filter, RedisDeadLetter letter, DateTimeOffset now)
    {
        if (filter is null)
            return true;

        var age = now - letter.DeadSince;
        return (filter.ExceptionType is null || IsType(letter.ExceptionType, filter.ExceptionType))
            && (filter.FaultMessage is null
                || letter.FaultMessage?.Contains(filter.FaultMessage, StringComparison.OrdinalIgnoreCase) == true)
            && (filter.MessageType is null || letter.MessageTypes.Any(x => IsMessageType(x, filter.MessageType)))
            && (filter.OlderThan is null || age >= filter.OlderThan)
            && (filter.YoungerThan is null || age <= filter.YoungerThan)
            && (filter.Headers is null || filter.Headers.All(x => RecordReading.Text(letter.Headers, x.Key) == x.Value))
            && (filter.Properties is null || JsonEnvelope.HasProperties(letter.ContentType, letter.Body.Span, filter.Properties))
            && (filter.Text is null || RecordSearch.Occurs(letter, filter.Text, filter.TextForms))
            && (filter.Predicate is null || filter.Predicate(letter));
    }

    static bool IsType(string? name, string wanted) =>
        name is not null
            && (name.Equals(wanted, StringComparison.OrdinalIgnoreCase) || Last(name).Equals(wanted, StringComparison.OrdinalIgnoreCase));

    static bool IsMessageType(string urn, string wanted)
    {
        const string prefix = "urn:message:";
        var name = (urn.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? urn[prefix.Length..] : urn).Replace(':', '.');
        var other = (wanted.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? wanted[prefix.Length..] : wanted).Replace(':', '.');
        return IsType(name, other);
    }

    static ReadOnlySpan<char> Last(string name) => name.AsSpan()[(name.LastIndexOfAny(['.', '+']) + 1)..];

    static bool Equals(this ReadOnlySpan<char> span, string other, StringComparison comparison) => span.Equals(other.AsSpan(), comparison);
}
