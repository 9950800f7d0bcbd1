namespace MassTransit;

/// <summary>What is changed of a dead letter before it is replayed. What is not set stays.</summary>
public sealed record RedisEdit
{
    /// <summary>The largest body after an edit, in bytes: 256 KB.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>
    /// The message as JSON, which takes the place of the message in its envelope; the envelope's other properties stay byte for byte. For a
    /// body without an envelope it is the whole body. Default: <c>null</c>, unchanged.
    /// </summary>
    public string? Message { get; init; }

    /// <summary>
    /// The whole body, envelope included. A body as JSON must be valid JSON. Not together with <see cref="Message"/>. Default: <c>null</c>,
    /// unchanged.
    /// </summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>The content type of the body. Default: <c>null</c>, unchanged.</summary>
    public string? ContentType { get; init; }

    /// <summary>0 to 255; a higher one is more urgent. Default: <c>null</c>, unchanged.</summary>
    public byte? Priority { get; init; }

    /// <summary>
    /// Transport headers to set, or to remove (<c>null</c>). Names that begin with <c>MT-</c> belong to the transport and are refused.
    /// Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? Headers { get; init; }

    /// <summary>
    /// Give the message a new id, so that who has seen the old one takes it for another message. Default: false, it keeps its id.
    /// </summary>
    public bool NewMessageId { get; init; }
}

/// <summary>What became of an edit.</summary>
public enum RedisEditOutcome
{
    /// <summary>The edited message is in the queue, and the original in the trash.</summary>
    Replayed,

    /// <summary>
    /// The dead letter is there no more: somebody else has replayed, edited or deleted it, or leases it. Nothing was done.
    /// </summary>
    Gone,
}
