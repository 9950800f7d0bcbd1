namespace MassTransit;

/// <summary>
/// What was asked does not fit the state of the server, so nothing was changed: another operation runs, the thing is gone or was changed
/// meanwhile, or the queue is of a kind that cannot do it. The message says which, and what to do.
/// </summary>
public class RedisConflictException : RedisTransportException
{
    /// <summary>Creates the exception without a message.</summary>
    public RedisConflictException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The conflict and the cure.</param>
    public RedisConflictException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The conflict and the cure.</param>
    /// <param name="innerException">The cause.</param>
    public RedisConflictException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
