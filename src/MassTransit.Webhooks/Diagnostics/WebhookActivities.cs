using System.Diagnostics;
using MassTransit.Logging;

namespace MassTransit.Webhooks.Diagnostics;

/// <summary>
/// Adds attributes of webhooks to traces. MassTransit starts a span for each attempt of each webhook, and this class describes the webhook
/// and the attempt on it. If nobody listens, each call costs one read of a field.
/// </summary>
internal static class WebhookActivities
{
    public const string SourceName = "MassTransit.Webhooks";

    public static readonly ActivitySource Source = new(SourceName, typeof(WebhookActivities).Assembly.GetName().Version?.ToString(3));

    /// <summary>The span that waits for a webhook's result, if somebody listens.</summary>
    public static Activity? Current => Source.HasListeners() ? Activity.Current : null;

    /// <summary>
    /// Sends the publisher's trace with the message, so that the consumer continues it. If the trace is not sampled, there is no send span
    /// that would do that.
    /// </summary>
    public static void OnPublish(SendContext context)
    {
        if (Current?.Id is { } id)
            context.Headers.Set(DiagnosticHeaders.ActivityId, id);
    }

    /// <summary>Describes a webhook on the span of its attempt.</summary>
    public static void OnConsume(ConsumeContext<Webhook> context)
    {
        if (!TryGetAttempt(Current, out var activity))
            return;

        var webhook = context.Message;
        activity.SetTag(WebhookTags.Receiver, webhook.Receiver);
        activity.SetTag(WebhookTags.EventType, webhook.EventType);
        activity.SetTag(WebhookTags.Id, webhook.Id);
        activity.SetTag(WebhookTags.Tenant, webhook.Tenant);
        activity.SetTag(WebhookTags.Attempt, context.GetRetryAttempt());
        activity.SetTag(WebhookTags.Redelivery, context.GetRedeliveryCount());
    }

    /// <summary>Marks the span of a webhook that the processor does not take.</summary>
    public static void OnPassedOver()
    {
        if (TryGetAttempt(Current, out var activity))
            activity.SetTag(WebhookTags.Result, "passed-over");
    }

    /// <summary>Makes the webhook's own span current, for work that is done for this webhook alone.</summary>
    public static void Enter(WebhookContext webhook)
    {
        if (webhook.Activity is { } activity)
            Activity.Current = activity;
    }

    public static bool TryGetAttempt(Activity? current, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Activity? activity)
    {
        activity = current is { IsAllDataRequested: true } && current.Source.Name == DiagnosticHeaders.DefaultListenerName ? current : null;
        return activity is not null;
    }
}
