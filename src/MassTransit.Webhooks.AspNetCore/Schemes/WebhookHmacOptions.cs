namespace MassTransit.Webhooks.AspNetCore;

/// <summary>How a sender signs with a keyed hash (HMAC). For senders that <see cref="WebhookReceiverBuilder"/> has no method for.</summary>
public sealed class WebhookHmacOptions
{
    /// <summary>The header that carries the signature. Required.</summary>
    public string Header { get; set; } = "";

    /// <summary>The text before the code in that header, such as <c>sha256=</c>. Default: none.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>How the code is encoded. Default: <see cref="WebhookCodeEncoding.Hex"/>.</summary>
    public WebhookCodeEncoding Encoding { get; set; } = WebhookCodeEncoding.Hex;

    /// <summary>The hash function. Default: <see cref="WebhookHash.Sha256"/>.</summary>
    public WebhookHash Hash { get; set; } = WebhookHash.Sha256;

    /// <summary>
    /// The bytes that are signed, as a text with <c>{id}</c>, <c>{timestamp}</c> and <c>{body}</c> in it. Default: <c>{body}</c>. It must
    /// contain the body once, and separators between all three, which ids must not contain. Otherwise bytes could be moved from one part to
    /// another under the same signature.
    /// </summary>
    public string SignedContent { get; set; } = "{body}";

    /// <summary>
    /// The header with the time of sending, in seconds since 1970. It must be signed: <see cref="SignedContent"/> contains
    /// <c>{timestamp}</c>. Default <c>null</c>: there is none, and a captured request stays valid for ever.
    /// <see cref="WebhookReceiverOptions.ReplayProtection"/> says how it is recognized within
    /// <see cref="WebhookReceiverOptions.DuplicateWindow"/>.
    /// </summary>
    public string? TimestampHeader { get; set; }

    /// <summary>
    /// The header with the sender's id of the webhook. Default <c>null</c>: the sender gives no id, and each webhook gets a new one (see
    /// <see cref="WebhookReceiverOptions.EqualBodiesAreRepeats"/>). The id is proven only if <see cref="SignedContent"/> contains
    /// <c>{id}</c>.
    /// </summary>
    public string? IdHeader { get; set; }

    /// <summary>
    /// The header with the event type. Default <c>null</c>: the event type is empty. It is never proven, because the header is not signed.
    /// </summary>
    public string? EventTypeHeader { get; set; }
}

/// <summary>How a signature's code is encoded.</summary>
public enum WebhookCodeEncoding
{
    /// <summary>Hexadecimal digits in upper or lower case.</summary>
    Hex,

    /// <summary>Base64 with padding.</summary>
    Base64
}

/// <summary>The hash function of a signature.</summary>
public enum WebhookHash
{
    /// <summary>SHA-256.</summary>
    Sha256,

    /// <summary>SHA-512.</summary>
    Sha512
}
