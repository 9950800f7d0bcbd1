namespace MassTransit.Webhooks;

/// <summary>The transport that is used if none is set, such as for the in-memory bus. It has no priorities.</summary>
internal sealed class PlainTransport : IWebhookTransport
{
    public bool CanDelay => true;

    public void ApplyPriority(SendContext context, byte priority)
    {
    }

    /// <summary>Returns the call that sets the transport of a bus; <c>null</c> if there is none for it.</summary>
    public static string? FindCall(Uri hostAddress) => hostAddress.Scheme switch
    {
        "redis" or "rediss" => "w.UseRedis()",
        "rabbitmq" or "rabbitmqs" => "w.UseRabbitMq()",
        _ => null,
    };
}
