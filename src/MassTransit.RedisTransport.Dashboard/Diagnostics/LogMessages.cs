using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Dashboard.Diagnostics;

/// <summary>The lines of the dashboard's log; their numbers are in docs/operations.md.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(400, LogLevel.Warning, "The Redis dashboard has refused a request, because it has no policies: it is open to nobody "
        + "outside Development, and there only to this machine without a proxy. Name policies of yours in RedisDashboardOptions (View, "
        + "ViewPayload, Operate, Edit, Destroy), or open it to everyone by UnsafelyOpenToEveryone().")]
    public static partial void Closed(ILogger logger);

    [LoggerMessage(401, LogLevel.Error, "There is no authorization policy '{Policy}', which RedisDashboardOptions names: what it would "
        + "allow is denied.")]
    public static partial void UnknownPolicy(ILogger logger, string policy);

    [LoggerMessage(402, LogLevel.Error, "The page {Path} of the Redis dashboard has failed.")]
    public static partial void Failed(ILogger logger, string path, Exception exception);

    [LoggerMessage(403, LogLevel.Warning, "The Redis dashboard has no answer from Redis: {Reason}")]
    public static partial void Away(ILogger logger, string reason);

    [LoggerMessage(404, LogLevel.Error, "The process of the Redis dashboard does not work on bulk operations.")]
    public static partial void NoOperations(ILogger logger, Exception exception);

    [LoggerMessage(405, LogLevel.Error, "{Describer} has thrown when it was to describe a dead letter, which is shown as it is stored. "
        + "This is told once.")]
    public static partial void NotDescribed(ILogger logger, string describer, Exception exception);
}
