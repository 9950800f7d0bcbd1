namespace MassTransit.Webhooks;

/// <summary>A processor gave a webhook up (<see cref="WebhookResult.Fail"/>): it is dead-lettered without another attempt.</summary>
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
    /// <param name="innerException">What it stands for.</param>
    public WebhookFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A processor asked for another attempt (<see cref="WebhookResult.Retry"/>) without an exception of its own.</summary>
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
    /// <param name="innerException">What it stands for.</param>
    public WebhookRetryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
