namespace MassTransit.Webhooks;

/// <summary>Nobody is subscribed to webhooks, so that one just enqueued would have gone nowhere: it was not stored.</summary>
public sealed class WebhookNotRoutedException : MassTransitException
{
    /// <summary>Creates the exception without a message.</summary>
    public WebhookNotRoutedException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing, and the cure.</param>
    public WebhookNotRoutedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing, and the cure.</param>
    /// <param name="innerException">What the transport said.</param>
    public WebhookNotRoutedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
