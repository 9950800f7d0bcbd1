namespace MassTransit.Webhooks;

/// <summary>What a call throws that the transport cannot serve, because it cannot look into its queues.</summary>
internal static class UnsupportedInspection
{
    /// <param name="transport">The transport.</param>
    /// <param name="what">What was asked, after "cannot".</param>
    /// <returns>The exception, with the cure.</returns>
    public static NotSupportedException Of(IWebhookTransport transport, string what) =>
        new($"MassTransit's bus on {transport.Name} cannot {what}. Use the broker's own tools, or the Redis transport (x.UsingRedis with w.UseRedis()), which can.");
}
