using System.Threading.RateLimiting;
using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Handles a request in this order: reads the bounded body, verifies the signature, checks for a repeat, publishes, answers. It reports
/// success only after the broker has confirmed the message.
/// </summary>
internal sealed class WebhookIngress(
    ReceiverRegistry receivers, IOptionsMonitor<WebhookReceiverOptions> options, OncePublisher publisher, BodyReader bodies,
    BodyBudget budget,
    TimeProvider time, IngressMetrics metrics, RefusalLog refusals, ILogger<WebhookIngress> logger)
{
    const string UnknownReceiver = "unknown";

    public async Task HandleAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            // No answer is possible any more, so nothing is accepted. It aborts and also throws, because a middleware in front may have
            // replaced Abort.
            context.Abort();
            throw new InvalidOperationException(
                "The response had begun before the webhook receiver was asked: something in front of MapWebhooks has written to it.");
        }

        // The status is an error until the broker has confirmed the message, so that a request that ends earlier for any reason is no
        // success.
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        var started = metrics.RequestStarts();
        var receiver = receivers.Find(context.Request.RouteValues["receiver"] as string);
        var name = receiver?.Definition.Name ?? UnknownReceiver;
        var (settings, failure) = ReadOptions(receiver);
        using var activity = IngressActivity.Start(context, name, settings is { TrustTraceContext: true });
        var response = failure ?? (receiver is null
            ? IngressReason.ReceiverUnknown : await TryReceiveAsync(context, receiver, settings!, activity).ConfigureAwait(false));

        var (status, code) = response.Describe();
        metrics.RequestEnds(name, code, status, started);
        activity.Answered(name, status, code);
        if (status >= StatusCodes.Status400BadRequest)
            refusals.Refused(name, response);
        else if (response.Reason != IngressReason.Accepted)
            LogMessages.Refused(logger, LogLevel.Debug, name, status, code);

        await response.WriteAsync(context).ConfigureAwait(false);
    }

    (WebhookReceiverOptions? Settings, IngressResponse? Failure) ReadOptions(ReceiverRegistry.Receiver? receiver)
    {
        if (receiver is null)
            return (null, null);
        try
        {
            return (options.Get(receiver.Definition.Name), null);
        }
        catch (Exception exception)
        {
            return (null, RetryLater(IngressReason.Misconfigured, new WebhookReceiverOptions(), exception));
        }
    }

    async Task<IngressResponse> TryReceiveAsync(HttpContext context, ReceiverRegistry.Receiver receiver, WebhookReceiverOptions settings,
        IngressActivity activity)
    {
        try
        {
            return await ReceiveAsync(context, receiver, settings, activity).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            activity.Failed(exception);
            return RetryLater(IngressReason.InternalError, settings, exception);
        }
    }

    async Task<IngressResponse> ReceiveAsync(HttpContext context, ReceiverRegistry.Receiver receiver, WebhookReceiverOptions settings,
        IngressActivity activity)
    {
        var request = context.Request;
        var scheme = receiver.Definition.Scheme!;
        var isChallenge = !HttpMethods.IsPost(request.Method);
        if (isChallenge && !scheme.ChallengeMethods.Contains(request.Method, StringComparer.OrdinalIgnoreCase))
            return IngressReason.MethodNotAllowed;

        // The permit is held until the answer, because a limiter may count requests in progress.
        using var lease = receiver.Limiter?.AttemptAcquire();
        if (lease is { IsAcquired: false })
            return new IngressResponse(IngressReason.RateLimited,
                lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : settings.RetryAfter);
        if (!receiver.Definition.TryGetTenant(context, out var tenant))
            return IngressReason.ReceiverUnknown;
        var sender = new SenderCheck(context, receiver, settings, tenant, time);
        if (isChallenge)
            return await sender.FindTenantAsync().ConfigureAwait(false) ?? await sender.AnswerAsync().ConfigureAwait(false);

        if (!IsContentTypeAllowed(request.ContentType, settings))
            return IngressReason.ContentTypeUnsupported;
        var limit = settings.MaxBodyBytes ?? scheme.MaxBodyBytes;
        if (request.ContentLength > limit)
            return IngressReason.BodyTooLarge;

        // The headers are checked before any byte of the body is read.
        var precheck = sender.Precheck();
        if (precheck != IngressReason.Accepted)
            return precheck;
        if (await sender.FindTenantAsync().ConfigureAwait(false) is { } unknown)
            return unknown;

        using var body = new ReceivedBody(budget);
        if (await bodies.ReadAsync(context, body, limit).ConfigureAwait(false) is { } refusal)
            return refusal is IngressReason.Overloaded or IngressReason.BodyConsumed ? RetryLater(refusal, settings) : refusal;
        var (verdict, verification) = await sender.VerifyAsync(body.Bytes).ConfigureAwait(false);
        activity.Verified(verdict.Reason);
        if (verdict.Reason != IngressReason.Accepted)
            return verdict;
        // The sender is verified, so the body no longer counts against the budget of unverified bodies.
        body.Dispose();

        var facts = scheme.Describe(sender.Request, verification);
        if (facts.Challenge is { } challenge)
            return new IngressResponse(IngressReason.Challenge, Answer: challenge);
        if (body.Bytes.Length == 0 && !settings.AllowEmptyBody)
            return IngressReason.BodyEmpty;
        var received = ReceivedWebhook.Create(context, receiver.Definition, settings, facts, body.Bytes,
            sender.Tenant?.Name ?? tenant, verification.Proof, time.GetUtcNow());
        var priority = sender.Tenant?.Priority ?? settings.Priority;
        activity.Received(received.Webhook, received.MessageId, priority);
        return await publisher.PublishAsync(received, settings, priority).ConfigureAwait(false);
    }

    static bool IsContentTypeAllowed(string? contentType, WebhookReceiverOptions settings) =>
        settings.ContentTypes.Count == 0
        || (MediaTypeHeaderValue.TryParse(contentType, out var parsed)
            && settings.ContentTypes.Any(x => parsed.MediaType.Equals(x, StringComparison.OrdinalIgnoreCase)));

    static IngressResponse RetryLater(IngressReason reason, WebhookReceiverOptions settings, Exception? cause = null) =>
        new(reason, settings.RetryAfter, Cause: cause);
}
