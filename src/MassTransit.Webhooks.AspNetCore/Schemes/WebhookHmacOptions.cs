namespace MassTransit.Webhooks.AspNetCore;

/// <summary>How a sender signs with a keyed hash (HMAC), where it is none of those with a method of their own.</summary>
public sealed class WebhookHmacOptions
{
    /// <summary>The header that carries the signature. Required.</summary>
    public string Header { get; set; } = "";

    /// <summary>What stands before the code in it, such as <c>sha256=</c>. Default: nothing.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>How the code is written. Default: <see cref="WebhookCodeEncoding.Hex"/>.</summary>
    public WebhookCodeEncoding Encoding { get; set; } = WebhookCodeEncoding.Hex;

    /// <summary>The hash. Default: <see cref="WebhookHash.Sha256"/>.</summary>
    public WebhookHash Hash { get; set; } = WebhookHash.Sha256;

    /// <summary>
    /// The bytes that are signed, as a text with <c>{id}</c>, <c>{timestamp}</c> and <c>{body}</c> in it. Default: <c>{body}</c>.
    /// Must contain the body, once. Between all three must stand separators, which ids must not contain: otherwise bytes could move from one
    /// to the other under the same signature.
    /// </summary>
    public string SignedContent { get; set; } = "{body}";

    /// <summary>
    /// The header with the time of sending, seconds since 1970. Default <c>null</c>: none, and a captured request is good for
    /// ever (within <see cref="WebhookReceiverOptions.DuplicateWindow"/> it is found as <see cref="WebhookReceiverOptions.ReplayProtection"/> says).
    /// Must be signed: <see cref="SignedContent"/> contains <c>{timestamp}</c>.
    /// </summary>
    public string? TimestampHeader { get; set; }

    /// <summary>The header with the sender's id of the webhook. Default <c>null</c>: the sender has none, and each webhook gets one that no other has
    /// (<see cref="WebhookReceiverOptions.EqualBodiesAreRepeats"/>). Not proven, unless <see cref="SignedContent"/> contains <c>{id}</c>.</summary>
    public string? IdHeader { get; set; }

    /// <summary>The header that says what happened. Default <c>null</c>: the event type is empty. Never proven: the header is not signed.</summary>
    public string? EventTypeHeader { get; set; }
}

/// <summary>How a signature's code is written.</summary>
public enum WebhookCodeEncoding
{
    /// <summary>Hexadecimal digits, of either case.</summary>
    Hex,

    /// <summary>Base64 with its padding.</summary>
    Base64
}

/// <summary>The hash of a signature.</summary>
public enum WebhookHash
{
    /// <summary>SHA-256.</summary>
    Sha256,

    /// <summary>SHA-512.</summary>
    Sha512
}
