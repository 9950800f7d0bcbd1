namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>Redis does not answer, or refuses.</summary>
internal sealed class AwayException(string reason, DateTimeOffset? since) : Exception(reason)
{
    /// <summary>Since when there has been no answer; <c>null</c>: there was one, and it was no.</summary>
    public DateTimeOffset? Since => since;
}

/// <summary>An act was stopped because it takes too long for a page.</summary>
internal sealed class UnfinishedException(string message) : Exception(message);

/// <summary>What was asked for is not there, or the user may not see it, which is told in the same words.</summary>
internal sealed class MissingException(string message) : Exception(message);

/// <summary>What was asked for cannot be understood.</summary>
internal sealed class BadQueryException(string message) : Exception(message);

/// <summary>What was asked for does not fit what there is now.</summary>
internal sealed class ConflictException(string message) : Exception(message);
