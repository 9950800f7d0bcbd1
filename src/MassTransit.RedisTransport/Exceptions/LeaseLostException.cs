namespace MassTransit;

/// <summary>
/// A consumer finished after its lease had ended: the message was, or will be, delivered again, and this consumer's
/// acknowledgement was refused. Raise <c>LeaseDuration</c> where consumers freeze for longer than that (long garbage
/// collections, suspended machines).
/// </summary>
public sealed class LeaseLostException : RedisTransportException
{
    /// <summary>Creates the exception without a message.</summary>
    public LeaseLostException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which message, and the cure.</param>
    public LeaseLostException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which message, and the cure.</param>
    /// <param name="innerException">What caused it.</param>
    public LeaseLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
