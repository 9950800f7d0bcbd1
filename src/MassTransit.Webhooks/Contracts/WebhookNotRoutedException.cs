namespace MassTransit.Webhooks;

/// <summary>Nobody is subscribed to webhooks. The webhook was not stored, because nobody would have received it.</summary>
public sealed class WebhookNotRoutedException : MassTransitException
{
    /// <summary>Creates the exception without a message.</summary>
    public WebhookNotRoutedException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The missing subscription and the cure.</param>
    public WebhookNotRoutedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The missing subscription and the cure.</param>
    /// <param name="innerException">The transport's exception.</param>
    public WebhookNotRoutedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
