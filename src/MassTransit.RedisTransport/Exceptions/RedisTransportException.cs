namespace MassTransit;

/// <summary>
/// An operation of the transport failed. The message says what failed and what to do about it. It never contains a credential, a header or
/// a body.
/// </summary>
public class RedisTransportException : MassTransitException
{
    /// <summary>Creates the exception without a message.</summary>
    public RedisTransportException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The failure and the cure.</param>
    public RedisTransportException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The failure and the cure.</param>
    /// <param name="innerException">The exception of the client or the server.</param>
    public RedisTransportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// True if the server could not be reached or did not answer in time, so that the same call may succeed later; false if the server has
    /// refused. Default: false.
    /// </summary>
    public bool IsTransient { get; init; }
}
