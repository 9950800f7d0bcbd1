namespace MassTransit;

/// <summary>
/// A mandatory message (<c>bus.Publish(message, x => x.Mandatory = true)</c>) was not stored, because no queue would get it.
/// </summary>
public sealed class RedisMessageNotRoutedException : RedisTransportException
{
    /// <summary>Creates the exception without a message.</summary>
    public RedisMessageNotRoutedException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The destination and the cure.</param>
    public RedisMessageNotRoutedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The destination and the cure.</param>
    /// <param name="innerException">The exception of the client or the server.</param>
    public RedisMessageNotRoutedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
