using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Diagnostics;

/// <summary>Every line that processing webhooks logs by itself. Numbers are stable: operators filter and alert by them.</summary>
internal static partial class PipelineLog
{
    [LoggerMessage(101, LogLevel.Warning,
        "Bundle {MessageId} of {Count} webhooks goes back to {Queue}: it could not be taken apart. Its next receiver does that first")]
    public static partial void BundleReturned(ILogger logger, string queue, Guid? messageId, int count, Exception exception);

    [LoggerMessage(102, LogLevel.Error, "What {Processor} does between batches failed, and goes on: {What}")]
    public static partial void BackgroundFailed(ILogger logger, string processor, string what, Exception exception);

    [LoggerMessage(103, LogLevel.Warning, "The scope of {Processor} could not be disposed of; what it had processed stands")]
    public static partial void DisposalFailed(ILogger logger, string processor, Exception exception);

    [LoggerMessage(104, LogLevel.Warning, "Webhooks are on a bus on {Transport}, and AddWebhooks was not told: without priorities, counts and dead letters, "
        + "and with redelivery as if it were supported. Call {Call} in AddWebhooks")]
    public static partial void TransportNotNamed(ILogger logger, string transport, string call);
}
