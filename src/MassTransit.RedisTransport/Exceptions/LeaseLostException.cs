namespace MassTransit;

/// <summary>
/// A consumer finished after its lease had ended. The message was or will be delivered again, and the acknowledgement of this consumer was
/// refused. Raise <c>LeaseDuration</c> if consumers freeze for longer than that (long garbage collections, suspended machines).
/// </summary>
public sealed class LeaseLostException : RedisTransportException
{
    /// <summary>Creates the exception without a message.</summary>
    public LeaseLostException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The affected message and the cure.</param>
    public LeaseLostException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The affected message and the cure.</param>
    /// <param name="innerException">The cause.</param>
    public LeaseLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
