namespace MassTransit.Webhooks;

/// <summary>A transport that nobody has named, such as the in-memory one: no priorities.</summary>
internal sealed class PlainTransport : IWebhookTransport
{
    public bool CanDelay => true;

    public void ApplyPriority(SendContext context, byte priority)
    {
    }

    /// <summary>The call that names the transport of a bus, if there is one; <c>null</c>: there is nothing to gain.</summary>
    public static string? FindCall(Uri hostAddress) => hostAddress.Scheme switch
    {
        "redis" or "rediss" => "w.UseRedis()",
        "rabbitmq" or "rabbitmqs" => "w.UseRabbitMq()",
        _ => null,
    };
}
