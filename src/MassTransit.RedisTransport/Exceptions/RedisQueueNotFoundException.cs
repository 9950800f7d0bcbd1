namespace MassTransit;

/// <summary>There is no queue of this name. The message says how to find the right one.</summary>
public sealed class RedisQueueNotFoundException : RedisTransportException
{
    /// <summary>Creates the exception without a message.</summary>
    public RedisQueueNotFoundException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which queue was asked for, and how to find the right one.</param>
    public RedisQueueNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which queue was asked for, and how to find the right one.</param>
    /// <param name="innerException">The cause.</param>
    public RedisQueueNotFoundException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
