namespace MassTransit.Webhooks;

/// <summary>The exception of a call that the transport cannot serve, because it cannot inspect its queues.</summary>
internal static class UnsupportedInspection
{
    /// <param name="transport">The transport.</param>
    /// <param name="what">The requested operation, as the text after "cannot".</param>
    /// <returns>The exception, with the cure.</returns>
    public static NotSupportedException Of(IWebhookTransport transport, string what) =>
        new($"MassTransit's bus on {transport.Name} cannot {what}. Use the broker's own tools, or the Redis transport (x.UsingRedis with "
            + "w.UseRedis()), which can.");
}
