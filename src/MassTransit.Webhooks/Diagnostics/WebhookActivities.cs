using System.Diagnostics;
using MassTransit.Logging;

namespace MassTransit.Webhooks.Diagnostics;

/// <summary>
/// What webhooks add to a trace. MassTransit starts a span for each attempt of each webhook; here it learns which attempt of
/// which webhook it is. With nobody listening each call is one field read.
/// </summary>
internal static class WebhookActivities
{
    public const string SourceName = "MassTransit.Webhooks";

    public static readonly ActivitySource Source = new(SourceName, typeof(WebhookActivities).Assembly.GetName().Version?.ToString(3));

    /// <summary>The span that waits for a webhook's result, where traces are wanted.</summary>
    public static Activity? Current => Source.HasListeners() ? Activity.Current : null;

    /// <summary>
    /// Lets the consumer go on with the trace of whoever publishes, also where that was sampled out and has no send span to
    /// tell of it.
    /// </summary>
    public static void OnPublish(SendContext context)
    {
        if (Current?.Id is { } id)
            context.Headers.Set(DiagnosticHeaders.ActivityId, id);
    }

    /// <summary>Describes the webhook on the span of its attempt.</summary>
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

    /// <summary>The processor does not take this webhook.</summary>
    public static void OnPassedOver()
    {
        if (TryGetAttempt(Current, out var activity))
            activity.SetTag(WebhookTags.Result, "passed-over");
    }

    /// <summary>What is done for one webhook alone belongs into its own trace.</summary>
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
