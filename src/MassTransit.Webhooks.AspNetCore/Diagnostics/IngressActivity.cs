using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// What the ingress says of a request in its trace. Never a body, a secret or a signature. The span is ASP.NET Core's own where this application has
/// begun the trace; where a stranger says by a header that it has, the webhook gets a trace of its own, which is linked to the stranger's.
/// </summary>
internal readonly struct IngressActivity : IDisposable
{
    const string SourceName = "MassTransit.Webhooks";

    static readonly ActivitySource Source = new(SourceName, typeof(IngressActivity).Assembly.GetName().Version?.ToString(3));

    readonly Activity? _request;
    readonly Activity? _own;

    IngressActivity(Activity? request, Activity? own) => (_request, _own) = (request, own);

    /// <summary>What is told goes here; <c>null</c> where nobody listens or it is sampled out.</summary>
    Activity? Span => _own is { IsAllDataRequested: true } ? _own : _own is null ? _request : null;

    /// <summary>
    /// Not for an async method to call from within another's: what is current afterwards is so for the caller.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="receiver">Names the span.</param>
    /// <param name="isTrusted">Whether the sender may say which trace the webhook belongs to, whether it is recorded, and what goes with it.</param>
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

        // Where nobody listens there is no span, but no stranger's trace either.
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

        activity.SetTag("webhook.id", webhook.Id);
        activity.SetTag("webhook.event_type", webhook.EventType);
        activity.SetTag("webhook.tenant", webhook.Tenant);
        activity.SetTag("webhook.priority", priority);
        activity.SetTag("messaging.message.id", messageId.ToString("D"));
    }

    public void Answered(string receiver, int status, string code)
    {
        Describe(_request, receiver, code);
        Describe(_own, receiver, code);
        // ASP.NET Core says so of its own.
        if (status >= StatusCodes.Status500InternalServerError)
            _own?.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>An exception that nobody but the ingress has seen.</summary>
    public void Failed(Exception exception) => Span?.AddException(exception);

    public void Dispose() => _own?.Dispose();

    static void Describe(Activity? activity, string receiver, string code)
    {
        if (activity is not { IsAllDataRequested: true })
            return;
        activity.SetTag("webhook.receiver", receiver);
        activity.SetTag("webhook.outcome", code);
    }

    /// <summary>The request's span; <c>null</c> where nobody listens or it is sampled out.</summary>
    static Activity? Requests(HttpContext context) =>
        // Without a listener ASP.NET Core still starts one for its logs, which says it wants all data.
        context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } activity && activity.Source.HasListeners() ? activity : null;

    /// <summary>What a stranger's header had recorded is not, where this application's own sampler says no.</summary>
    static void Forget(Activity? request)
    {
        if (request is null)
            return;
        request.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        request.IsAllDataRequested = false;
    }

    /// <summary>It would go with every message, and with every call that this application makes.</summary>
    static void DropBaggage(Activity activity)
    {
        foreach (var (name, _) in activity.Baggage.ToArray())
            activity.SetBaggage(name, null);
    }
}
