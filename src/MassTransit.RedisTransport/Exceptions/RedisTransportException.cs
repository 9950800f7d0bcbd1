namespace MassTransit;

/// <summary>
/// The transport could not do what was asked. The message says what failed and what to do about it; it never holds a
/// credential, a header or a body.
/// </summary>
public class RedisTransportException : MassTransitException
{
    /// <summary>Creates the exception without a message.</summary>
    public RedisTransportException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, and the cure.</param>
    public RedisTransportException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, and the cure.</param>
    /// <param name="innerException">What the client or the server said.</param>
    public RedisTransportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// True where the server was away or did not answer in time, so that the same call may succeed later; false where it
    /// refused. Default: false.
    /// </summary>
    public bool IsTransient { get; init; }
}
