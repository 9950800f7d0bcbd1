using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Diagnostics;

/// <summary>
/// All log messages of webhooks. Event ids are stable, because operators filter and alert by them: 100 to 119 for processing, 120 to 139
/// for the bus.
/// </summary>
internal static partial class LogMessages
{
    const int Processing = 100, Bus = 120;

    [LoggerMessage(Processing + 1, LogLevel.Warning,
        "Bundle {MessageId} of {Count} webhooks goes back to {Queue}: it could not be taken apart. Its next receiver does that first")]
    public static partial void BundleReturned(ILogger logger, string queue, Guid? messageId, int count, Exception exception);

    [LoggerMessage(Processing + 2, LogLevel.Error, "What {Processor} does between batches failed, and goes on: {What}")]
    public static partial void BackgroundFailed(ILogger logger, string processor, string what, Exception exception);

    [LoggerMessage(Processing + 3, LogLevel.Warning, "The scope of {Processor} could not be disposed of; what it had processed stands")]
    public static partial void DisposalFailed(ILogger logger, string processor, Exception exception);

    [LoggerMessage(Bus + 1, LogLevel.Warning,
        "Webhooks are on a bus on {Transport}, and AddWebhooks was not told: without priorities, counts and dead letters, "
        + "and with redelivery as if it were supported. Call {Call} in AddWebhooks")]
    public static partial void TransportNotNamed(ILogger logger, string transport, string call);
}
