using System.Diagnostics;
using MassTransit.Webhooks.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Writes what the ingress did with a request into its trace; never a body, a secret or a signature. If this application has begun the
/// trace, the span is ASP.NET Core's own. If the trace comes from an untrusted sender's header, the webhook gets a new trace with a link to
/// the sender's.
/// </summary>
internal readonly struct IngressActivity : IDisposable
{
    static readonly ActivitySource Source =
        new(WebhookActivities.SourceName, typeof(IngressActivity).Assembly.GetName().Version?.ToString(3));

    readonly Activity? _request;
    readonly Activity? _own;

    IngressActivity(Activity? request, Activity? own) => (_request, _own) = (request, own);

    /// <summary>The span that gets the tags; <c>null</c> if nobody listens or it is not sampled.</summary>
    Activity? Span => _own is { IsAllDataRequested: true } ? _own : _own is null ? _request : null;

    /// <summary>
    /// Starts the span and makes it current for the caller. Call it directly in the method that handles the request: an async method in
    /// between would not pass the current span on to its caller.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="receiver">The receiver's name, which names the span.</param>
    /// <param name="isTrusted">Whether the sender's trace, sampling decision and baggage are used.</param>
    public static IngressActivity Start(HttpContext context, string receiver, bool isTrusted)
    {
        if (Activity.Current is not { } current)
            return default;
        if (isTrusted)
            return new IngressActivity(Requests(context), null);

        var first = current;
        DropBaggage(first);
        while (first.Parent is { } parent)
        {
            first = parent;
            DropBaggage(first);
        }

        if (first.ParentId is null)
            return new IngressActivity(Requests(context), null);

        // Leaves the sender's trace even if nobody listens and no own span is started.
        Activity.Current = null;
        if (!Source.HasListeners())
            return default;
        ActivityLink[] links = first.IdFormat == ActivityIdFormat.W3C
            ? [new ActivityLink(new ActivityContext(first.TraceId, first.ParentSpanId, ActivityTraceFlags.None, isRemote: true))]
            : [];
        var own = Source.StartActivity($"webhook {receiver}", ActivityKind.Internal, default(ActivityContext), links: links);
        var request = Requests(context);
        if (own is not { Recorded: true })
            Forget(request);
        else
            request?.AddLink(new ActivityLink(own.Context));
        return new IngressActivity(request, own);
    }

    public void Verified(IngressReason verdict) =>
        Span?.AddEvent(new ActivityEvent(verdict == IngressReason.Accepted ? "webhook.verified" : "webhook.not_verified"));

    public void Received(Webhook webhook, Guid messageId, int priority)
    {
        if (Span is not { } activity)
            return;

        activity.SetTag(WebhookTags.Id, webhook.Id);
        activity.SetTag(WebhookTags.EventType, webhook.EventType);
        activity.SetTag(WebhookTags.Tenant, webhook.Tenant);
        activity.SetTag(WebhookTags.Priority, priority);
        activity.SetTag(WebhookTags.MessageId, messageId.ToString("D"));
    }

    public void Answered(string receiver, int status, string code)
    {
        Describe(_request, receiver, code);
        Describe(_own, receiver, code);
        // ASP.NET Core sets the error status of its own span.
        if (status >= StatusCodes.Status500InternalServerError)
            _own?.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Records an exception that the ingress has caught.</summary>
    public void Failed(Exception exception) => Span?.AddException(exception);

    public void Dispose() => _own?.Dispose();

    static void Describe(Activity? activity, string receiver, string code)
    {
        if (activity is not { IsAllDataRequested: true })
            return;
        activity.SetTag(WebhookTags.Receiver, receiver);
        activity.SetTag(WebhookTags.Outcome, code);
    }

    /// <summary>The request's span; <c>null</c> if nobody listens or it is not sampled.</summary>
    static Activity? Requests(HttpContext context) =>
        // Without a listener ASP.NET Core still starts an activity for its logs, and that one asks for all data.
        context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } activity && activity.Source.HasListeners()
            ? activity : null;

    /// <summary>
    /// Stops the recording of the request's span, which the sender's header had asked for and this application's sampler has refused.
    /// </summary>
    static void Forget(Activity? request)
    {
        if (request is null)
            return;
        request.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        request.IsAllDataRequested = false;
    }

    /// <summary>Removes the sender's baggage. Otherwise it would be sent with every message and every call of this application.</summary>
    static void DropBaggage(Activity activity)
    {
        foreach (var (name, _) in activity.Baggage.ToArray())
            activity.SetBaggage(name, null);
    }
}
