namespace MassTransit.Webhooks;

/// <summary>
/// A processor has failed a webhook for good (<see cref="WebhookResult.Fail"/>). It is dead-lettered without another attempt.
/// </summary>
public sealed class WebhookFailedException : MassTransitException
{
    /// <summary>Creates the exception without a message.</summary>
    public WebhookFailedException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The processor's reason.</param>
    public WebhookFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The processor's reason.</param>
    /// <param name="innerException">The cause.</param>
    public WebhookFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A processor has asked for another attempt (<see cref="WebhookResult.Retry"/>) without an exception of its own.</summary>
public sealed class WebhookRetryException : MassTransitException
{
    /// <summary>Creates the exception without a message.</summary>
    public WebhookRetryException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The processor's reason.</param>
    public WebhookRetryException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The processor's reason.</param>
    /// <param name="innerException">The cause.</param>
    public WebhookRetryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
