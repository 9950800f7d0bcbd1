namespace MassTransit.Webhooks.AspNetCore;

/// <summary>How a sender signs with a keyed hash (HMAC). For senders that <see cref="WebhookReceiverBuilder"/> has no method for.</summary>
public sealed class WebhookHmacOptions
{
    /// <summary>The header that carries the signature. Required.</summary>
    public string Header { get; set; } = "";

    /// <summary>
    /// Further headers that carry signatures, such as one for each of several keys. A request needs one of all of them; each signature is
    /// checked, and one that is right is enough. Default: none.
    /// </summary>
    public IList<string> OtherHeaders { get; } = [];

    /// <summary>
    /// The text before the code, such as <c>sha256=</c>. In a list (<see cref="Separator"/>) it marks the parts that are codes of this
    /// kind, such as <c>v1=</c>; parts that begin otherwise are of other versions and are skipped. Default: none.
    /// </summary>
    public string Prefix { get; set; } = "";

    /// <summary>
    /// What stands between the parts of the header, if it holds several: <c>,</c> in <c>v1=…,v1=…</c>, <c>;</c> in <c>ts=…;h1=…</c>. White
    /// space around a part is ignored. Default <c>null</c>: the header is one signature.
    /// </summary>
    public string? Separator { get; set; }

    /// <summary>
    /// The text before the time of sending, if it is a part of the same header, such as <c>t=</c> in <c>t=…,v1=…</c>. Needs
    /// <see cref="Separator"/>. Default <c>null</c>: it is in <see cref="TimestampHeader"/>, or there is none.
    /// </summary>
    public string? TimestampPrefix { get; set; }

    /// <summary>How the code is encoded. Default: <see cref="WebhookCodeEncoding.Hex"/>.</summary>
    public WebhookCodeEncoding Encoding { get; set; } = WebhookCodeEncoding.Hex;

    /// <summary>The hash function. Default: <see cref="WebhookHash.Sha256"/>.</summary>
    public WebhookHash Hash { get; set; } = WebhookHash.Sha256;

    /// <summary>
    /// Whether <see cref="WebhookHash.Sha1"/> may be used. Default <c>false</c>: the declaration is refused. As a keyed hash SHA-1 is not
    /// broken, but a sender that offers SHA-256 as well should be asked for that.
    /// </summary>
    public bool AllowSha1 { get; set; }

    /// <summary>
    /// The bytes that are signed, as a text in which these stand for a part of the request: <c>{body}</c>; <c>{id}</c>;
    /// <c>{timestamp}</c>, as the sender writes it; <c>{method}</c>; <c>{url}</c>, the public address with its query (see
    /// <see cref="WebhookReceiverOptions.PublicAddresses"/>); <c>{form}</c>, the decoded fields of a form sorted by name, name and value
    /// joined, in place of the body. Default: <c>{body}</c>.
    /// </summary>
    /// <remarks>
    /// The bytes must be readable in only one way, or bytes could be moved from one part to another under the same signature. So body or
    /// form occur once; a separator stands beside an id, which no id may contain, or <see cref="IdLength"/> is set; a timestamp without a
    /// separator has 10 digits (seconds), 13 digits (milliseconds) or a <c>Z</c> at its end; and where an address and the body stand beside
    /// each other, the body begins (or ends, if the address follows) with a character that no address has, as JSON does.
    /// </remarks>
    public string SignedContent { get; set; } = "{body}";

    /// <summary>
    /// The header with the time of sending. It must be signed: <see cref="SignedContent"/> contains <c>{timestamp}</c>. Default
    /// <c>null</c>: there is none, and a captured request stays valid for ever. <see cref="WebhookReceiverOptions.ReplayProtection"/> says
    /// how it is recognized within <see cref="WebhookReceiverOptions.DuplicateWindow"/>.
    /// </summary>
    public string? TimestampHeader { get; set; }

    /// <summary>How the time is written. Default: <see cref="WebhookTimestampFormat.UnixSeconds"/>.</summary>
    public WebhookTimestampFormat TimestampFormat { get; set; } = WebhookTimestampFormat.UnixSeconds;

    /// <summary>
    /// The header with the sender's id of the webhook. Default <c>null</c>: the sender gives no id, and each webhook gets a new one (see
    /// <see cref="WebhookReceiverOptions.EqualBodiesAreRepeats"/>). The id is proven only if <see cref="SignedContent"/> contains
    /// <c>{id}</c>.
    /// </summary>
    public string? IdHeader { get; set; }

    /// <summary>
    /// How many characters every id has, if <see cref="SignedContent"/> has no separator beside it: 36 for a UUID. Ids of another length,
    /// or with characters outside ASCII, are refused. Default <c>null</c>: any number.
    /// </summary>
    public int? IdLength { get; set; }

    /// <summary>
    /// The property of the JSON body with the sender's id, with dots between levels: <c>id</c>, <c>event.id</c>. It is proven, since the
    /// body is signed. Default <c>null</c>. Not together with <see cref="IdHeader"/>.
    /// </summary>
    public string? IdProperty { get; set; }

    /// <summary>
    /// The header with the event type. Default <c>null</c>: the event type is empty. It is never proven, because the header is not signed.
    /// </summary>
    public string? EventTypeHeader { get; set; }

    /// <summary>
    /// The property of the JSON body with the event type, with dots between levels: <c>type</c>, <c>event.event_type</c>. It is proven.
    /// Default <c>null</c>. Not together with <see cref="EventTypeHeader"/>.
    /// </summary>
    public string? EventTypeProperty { get; set; }

    /// <summary>
    /// The query parameter with the SHA-256 of the body in hex, for senders that sign only the address and the body's hash in it (Twilio's
    /// <c>bodySHA256</c>). <see cref="SignedContent"/> then has <c>{url}</c> and no body. Default <c>null</c>.
    /// </summary>
    public string? BodyHashParameter { get; set; }

    /// <summary>How a secret is read. Default: <see cref="WebhookSecretEncoding.Text"/>.</summary>
    public WebhookSecretEncoding SecretEncoding { get; set; } = WebhookSecretEncoding.Text;

    /// <summary>
    /// A text before a secret that is no part of the key, such as <c>whsec_</c>. A secret may come without it. Default: none.
    /// </summary>
    public string SecretPrefix { get; set; } = "";
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
    Sha512,

    /// <summary>SHA-1, for senders that have nothing better. See <see cref="WebhookHmacOptions.AllowSha1"/>.</summary>
    Sha1
}

/// <summary>How a sender writes the time of sending.</summary>
public enum WebhookTimestampFormat
{
    /// <summary>Whole seconds since 1970, in digits alone.</summary>
    UnixSeconds,

    /// <summary>Whole milliseconds since 1970, in digits alone.</summary>
    UnixMilliseconds,

    /// <summary>ISO 8601 with a time zone: <c>2026-01-31T12:00:00Z</c>, with up to nine digits of a second.</summary>
    Iso8601
}

/// <summary>How the key is made from the text of a secret.</summary>
public enum WebhookSecretEncoding
{
    /// <summary>The key is the text in UTF-8.</summary>
    Text,

    /// <summary>The text is base64.</summary>
    Base64,

    /// <summary>The text is hexadecimal.</summary>
    Hex
}
