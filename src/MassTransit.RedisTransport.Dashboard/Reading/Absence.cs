namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>Redis does not answer, or refuses.</summary>
internal sealed class AwayException(string reason, DateTimeOffset since) : Exception(reason)
{
    public DateTimeOffset Since => since;
}

/// <summary>An act was stopped because it takes too long for a page.</summary>
internal sealed class UnfinishedException(string message) : Exception(message);

/// <summary>What was asked for is not there, or the user may not see it, which is told in the same words.</summary>
internal sealed class MissingException(string message) : Exception(message);

/// <summary>What was asked for cannot be understood.</summary>
internal sealed class BadQueryException(string message) : Exception(message);

internal static class Absence
{
    /// <summary>True if the transport says that there is no such queue. It has no exception of its own for that.</summary>
    public static bool IsUnknownQueue(RedisTransportException exception) =>
        exception.Message.StartsWith("There is no queue '", StringComparison.Ordinal);
}
