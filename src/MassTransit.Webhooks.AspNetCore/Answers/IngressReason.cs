using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The result of a request. Its code is stable, because senders, logs and metrics use it.</summary>
internal enum IngressReason
{
    Accepted,
    Duplicate,
    Replayed,
    Challenge,
    ChallengeRefused,
    SignatureMissing,
    SignatureMalformed,
    IdMissing,
    IdMalformed,
    TimestampMissing,
    TimestampMalformed,
    BodyEmpty,
    BodyIncomplete,
    BodyTimeout,
    BodyConsumed,
    RequestAborted,
    SignatureMismatch,
    TimestampOutsideWindow,
    ReceiverUnknown,
    MethodNotAllowed,
    BodyTooLarge,
    ContentTypeUnsupported,
    RateLimited,
    Overloaded,
    DuplicatePending,
    SecretsUnavailable,
    Misconfigured,
    BrokerUnavailable,
    BrokerTimeout,
    NoSubscriber,
    InternalError
}

internal static class IngressReasons
{
    public static IngressReason Of(WebhookVerdict verdict) => verdict switch
    {
        WebhookVerdict.Accepted => IngressReason.Accepted,
        WebhookVerdict.SignatureMissing => IngressReason.SignatureMissing,
        WebhookVerdict.SignatureMalformed => IngressReason.SignatureMalformed,
        WebhookVerdict.IdMissing => IngressReason.IdMissing,
        WebhookVerdict.IdMalformed => IngressReason.IdMalformed,
        WebhookVerdict.TimestampMissing => IngressReason.TimestampMissing,
        WebhookVerdict.TimestampMalformed => IngressReason.TimestampMalformed,
        WebhookVerdict.TimestampOutsideWindow => IngressReason.TimestampOutsideWindow,
        WebhookVerdict.SecretsUnavailable => IngressReason.SecretsUnavailable,
        // Also what a scheme of a user's own returns that no verdict is.
        _ => IngressReason.SignatureMismatch,
    };

    public static (int Status, string Code) Describe(this IngressReason reason) => reason switch
    {
        IngressReason.Accepted => (StatusCodes.Status202Accepted, "accepted"),
        IngressReason.Duplicate => (StatusCodes.Status200OK, "duplicate"),
        IngressReason.Replayed => (StatusCodes.Status200OK, "replayed"),
        IngressReason.Challenge => (StatusCodes.Status200OK, "challenge"),
        IngressReason.ChallengeRefused => (StatusCodes.Status403Forbidden, "challenge-refused"),
        // Some senders (Shopify, Xero) let no receiver pass that answers this with another status.
        IngressReason.SignatureMissing => (StatusCodes.Status401Unauthorized, "signature-missing"),
        IngressReason.SignatureMalformed => (StatusCodes.Status401Unauthorized, "signature-malformed"),
        IngressReason.IdMissing => (StatusCodes.Status400BadRequest, "id-missing"),
        IngressReason.IdMalformed => (StatusCodes.Status400BadRequest, "id-malformed"),
        IngressReason.TimestampMissing => (StatusCodes.Status400BadRequest, "timestamp-missing"),
        IngressReason.TimestampMalformed => (StatusCodes.Status400BadRequest, "timestamp-malformed"),
        IngressReason.BodyEmpty => (StatusCodes.Status400BadRequest, "body-empty"),
        IngressReason.BodyIncomplete => (StatusCodes.Status400BadRequest, "body-incomplete"),
        IngressReason.BodyTimeout => (StatusCodes.Status408RequestTimeout, "body-timeout"),
        IngressReason.BodyConsumed => (StatusCodes.Status503ServiceUnavailable, "body-consumed"),
        IngressReason.RequestAborted => (StatusCodes.Status408RequestTimeout, "request-aborted"),
        IngressReason.SignatureMismatch => (StatusCodes.Status401Unauthorized, "signature-mismatch"),
        IngressReason.TimestampOutsideWindow => (StatusCodes.Status401Unauthorized, "timestamp-outside-window"),
        IngressReason.ReceiverUnknown => (StatusCodes.Status404NotFound, "receiver-unknown"),
        IngressReason.MethodNotAllowed => (StatusCodes.Status405MethodNotAllowed, "method-not-allowed"),
        IngressReason.BodyTooLarge => (StatusCodes.Status413PayloadTooLarge, "body-too-large"),
        IngressReason.ContentTypeUnsupported => (StatusCodes.Status415UnsupportedMediaType, "content-type-unsupported"),
        IngressReason.RateLimited => (StatusCodes.Status429TooManyRequests, "rate-limited"),
        IngressReason.Overloaded => (StatusCodes.Status503ServiceUnavailable, "overloaded"),
        IngressReason.DuplicatePending => (StatusCodes.Status503ServiceUnavailable, "duplicate-pending"),
        IngressReason.SecretsUnavailable => (StatusCodes.Status503ServiceUnavailable, "secrets-unavailable"),
        IngressReason.Misconfigured => (StatusCodes.Status503ServiceUnavailable, "receiver-misconfigured"),
        IngressReason.BrokerUnavailable => (StatusCodes.Status503ServiceUnavailable, "broker-unavailable"),
        IngressReason.BrokerTimeout => (StatusCodes.Status503ServiceUnavailable, "broker-timeout"),
        IngressReason.NoSubscriber => (StatusCodes.Status503ServiceUnavailable, "no-subscriber"),
        IngressReason.InternalError => (StatusCodes.Status503ServiceUnavailable, "internal-error"),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null)
    };
}
