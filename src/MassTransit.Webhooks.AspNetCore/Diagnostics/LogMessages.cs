using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.AspNetCore.Diagnostics;

/// <summary>
/// All log messages of the ingress. Event ids are stable, because operators filter and alert by them: 300 to 319 for requests, 320 to 339
/// for repeats, 340 to 359 for the configuration of receivers. The messages contain nothing that a sender has chosen, except the ids of
/// verified webhooks.
/// </summary>
internal static partial class LogMessages
{
    const int Requests = 300, Repeats = 320, Receivers = 340;

    [LoggerMessage(Requests + 1, LogLevel.Debug, "Webhook {MessageId} of {Receiver} was accepted")]
    public static partial void Accepted(ILogger logger, string receiver, Guid messageId);

    [LoggerMessage(EventId = Requests + 2, Message = "A request to the webhook receiver {Receiver} was answered {Status}: {Reason}")]
    public static partial void Refused(ILogger logger, LogLevel level, string receiver, int status, string reason);

    [LoggerMessage(EventId = Requests + 3,
        Message = "In the last {Window} {Count} more requests to the webhook receiver {Receiver} were answered {Status}: {Reason}")]
    public static partial void RefusedMore(ILogger logger, LogLevel level, TimeSpan window, long count, string receiver, int status,
        string reason);

    [LoggerMessage(Requests + 4, LogLevel.Error,
        "Webhook {MessageId} of {Receiver} could not be published; its sender is asked to try again")]
    public static partial void PublishFailed(ILogger logger, Exception exception, string receiver, Guid messageId);

    [LoggerMessage(Requests + 5, LogLevel.Error,
        "Webhook {MessageId} of {Receiver} was not confirmed by the broker within {Limit}; its sender is asked to try again")]
    public static partial void PublishTimedOut(ILogger logger, string receiver, Guid messageId, TimeSpan limit);

    [LoggerMessage(Requests + 6, LogLevel.Error, "The secrets of the webhook receiver {Receiver} cannot be had")]
    public static partial void SecretsFailed(ILogger logger, Exception exception, string receiver);

    [LoggerMessage(Requests + 7, LogLevel.Error,
        "A body of the webhook receiver {Receiver} did not arrive as it was sent: something in front of MapWebhooks has read the body. "
        + "Let it call HttpRequest.EnableBuffering() first, or leave the address of webhooks out")]
    public static partial void BodyConsumed(ILogger logger, string receiver);

    [LoggerMessage(Requests + 8, LogLevel.Error, "The webhook receiver {Receiver} failed")]
    public static partial void Failed(ILogger logger, Exception exception, string receiver);

    [LoggerMessage(Repeats + 1, LogLevel.Warning,
        "Repeats of webhooks are not recognized for now, and published again with the same id: {Reason}")]
    public static partial void DeduplicationFailed(ILogger logger, Exception exception, string reason);

    [LoggerMessage(Repeats + 2, LogLevel.Information, "Repeats of webhooks are recognized again")]
    public static partial void DeduplicationWorks(ILogger logger);

    [LoggerMessage(Repeats + 3, LogLevel.Information,
        "Webhook {MessageId} of {Receiver} came with other content under an id that is known already; it is published as its own. "
        + "Told once a minute at most")]
    public static partial void IdReused(ILogger logger, string receiver, Guid messageId);

    [LoggerMessage(Repeats + 4, LogLevel.Warning, "What a sender had signed for {Receiver} once came again under another id, which nobody "
        + "signed: it was answered as a repeat, and not published. Somebody may have captured it. Where the sender sends equal webhooks, "
        + "set ReplayProtection. Told once a minute at most")]
    public static partial void Replayed(ILogger logger, string receiver);

    [LoggerMessage(Receivers + 1, LogLevel.Warning, "The webhook receiver {Receiver} believes everybody: AllowUnsigned() has been called")]
    public static partial void Unsigned(ILogger logger, string receiver);

    /// <param name="logger">The logger.</param>
    /// <param name="receiver">The receiver.</param>
    /// <param name="reason">The error.</param>
    /// <param name="defect">The exception, if it is not explained by invalid options; otherwise <c>null</c>.</param>
    [LoggerMessage(Receivers + 2, LogLevel.Error, "The webhook receiver {Receiver} is configured wrongly: {Reason}")]
    public static partial void Misconfigured(ILogger logger, string receiver, string reason, Exception? defect);

    /// <inheritdoc cref="Misconfigured"/>
    [LoggerMessage(Receivers + 3, LogLevel.Error,
        "A change of the configuration of the webhook receiver {Receiver} was refused, its last good options stay in force: {Reason}")]
    public static partial void ReloadRefused(ILogger logger, string receiver, string reason, Exception? defect);

    [LoggerMessage(Receivers + 4, LogLevel.Information, "The configuration of the webhook receiver {Receiver} is good again, and in force")]
    public static partial void ReloadTaken(ILogger logger, string receiver);

    [LoggerMessage(Receivers + 5, LogLevel.Error,
        "The webhook receiver {Receiver} has a secret of less than {Least} bytes, which can be found by trying from one captured request: "
        + "take a longer one, or set AllowShortSecrets")]
    public static partial void ShortSecret(ILogger logger, string receiver, int least);

    [LoggerMessage(Receivers + 6, LogLevel.Warning, "The webhook receivers {Receivers} have a secret in common: what is signed for one "
        + "is believed by the others. Give each one of its own")]
    public static partial void SharedSecret(ILogger logger, string receivers);
}
