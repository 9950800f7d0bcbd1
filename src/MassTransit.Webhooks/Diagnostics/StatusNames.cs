namespace MassTransit.Webhooks.Diagnostics;

/// <summary>The names of processors' results in metrics and traces.</summary>
internal static class StatusNames
{
    public static string ToName(this WebhookStatus status) => status switch
    {
        WebhookStatus.Succeeded => "succeeded",
        WebhookStatus.Retry => "retry",
        WebhookStatus.Failed => "failed",
        _ => "discarded",
    };
}
