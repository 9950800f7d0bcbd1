namespace MassTransit.Webhooks.Diagnostics;

/// <summary>What processors answer, as metrics and traces have it.</summary>
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
