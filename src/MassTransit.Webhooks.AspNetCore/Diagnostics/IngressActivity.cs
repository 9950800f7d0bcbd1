using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>What the ingress says on the span of its request, which is ASP.NET Core's own. Never a body, a secret or a signature.</summary>
internal static class IngressActivity
{
    /// <summary>The request's span; <c>null</c> where nobody listens or it is sampled out.</summary>
    public static Activity? Of(HttpContext context) =>
        // Without a listener ASP.NET Core still starts one for its logs, which says it wants all data.
        context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } activity && activity.Source.HasListeners() ? activity : null;

    public static void Verified(HttpContext context, IngressReason verdict)
    {
        if (Of(context) is { } activity)
            activity.AddEvent(new ActivityEvent(verdict == IngressReason.Accepted ? "webhook.verified" : "webhook.not_verified"));
    }

    public static void Received(HttpContext context, Webhook webhook, Guid messageId, int priority)
    {
        if (Of(context) is not { } activity)
            return;

        activity.SetTag("webhook.id", webhook.Id);
        activity.SetTag("webhook.event_type", webhook.EventType);
        activity.SetTag("webhook.tenant", webhook.Tenant);
        activity.SetTag("webhook.priority", priority);
        activity.SetTag("messaging.message.id", messageId.ToString("D"));
    }

    public static void Answered(HttpContext context, string receiver, string code)
    {
        if (Of(context) is not { } activity)
            return;

        activity.SetTag("webhook.receiver", receiver);
        activity.SetTag("webhook.outcome", code);
    }

    /// <summary>An exception that nobody but the ingress has seen.</summary>
    public static void Failed(HttpContext context, Exception exception) => Of(context)?.AddException(exception);
}
