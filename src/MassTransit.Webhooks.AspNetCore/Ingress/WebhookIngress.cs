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
        if (!HttpMethods.IsPost(request.Method))
            return IngressReason.MethodNotAllowed;

        // The permit is held until the answer, because a limiter may count requests in progress.
        using var lease = receiver.Limiter?.AttemptAcquire();
        if (lease is { IsAcquired: false })
            return new IngressResponse(IngressReason.RateLimited,
                lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : settings.RetryAfter);
        if (!IsContentTypeAllowed(request.ContentType, settings))
            return IngressReason.ContentTypeUnsupported;
        if (request.ContentLength > settings.MaxBodyBytes)
            return IngressReason.BodyTooLarge;

        // The headers are checked before any byte of the body is read.
        var scheme = receiver.Definition.Scheme!;
        var precheck = scheme.Precheck(request.Headers, time.GetUtcNow(), settings.Tolerance);
        if (precheck != IngressReason.Accepted)
            return precheck;

        using var body = new ReceivedBody(budget);
        if (await bodies.ReadAsync(context, body, settings.MaxBodyBytes).ConfigureAwait(false) is { } refusal)
            return refusal is IngressReason.Overloaded or IngressReason.BodyConsumed ? RetryLater(refusal, settings) : refusal;
        var (verified, proof) = await VerifyAsync(context, receiver.Definition, settings, activity, body.Bytes).ConfigureAwait(false);
        if (verified.Reason != IngressReason.Accepted)
            return verified;
        // The sender is verified, so the body no longer counts against the budget of unverified bodies.
        body.Dispose();

        var facts = scheme.Describe(request.Headers, body.Bytes);
        if (facts.Challenge is { } challenge)
            return new IngressResponse(IngressReason.Challenge, Challenge: challenge);
        var received = ReceivedWebhook.Create(context, receiver.Definition, settings, facts, body.Bytes, proof, time.GetUtcNow());
        activity.Received(received.Webhook, received.MessageId, settings.Priority);
        return await publisher.PublishAsync(received, settings).ConfigureAwait(false);
    }

    /// <returns>The verdict, and a value that identifies the signed bytes.</returns>
    async ValueTask<(IngressResponse Verdict, byte[]? Proof)> VerifyAsync(
        HttpContext context, ReceiverDefinition receiver, WebhookReceiverOptions settings, IngressActivity activity, byte[] body)
    {
        var isConsumed = BodyReader.IsConsumed(context, body.Length);
        if (body.Length == 0 && !settings.AllowEmptyBody && !isConsumed)
            return (IngressReason.BodyEmpty, null);

        var (secrets, failure) = await ReadSecretsAsync(context, receiver, settings).ConfigureAwait(false);
        if (secrets is null)
            return (RetryLater(IngressReason.SecretsUnavailable, settings, failure), null);
        var verdict = receiver.Scheme!.Verify(new SignedHeaders
        {
            Headers = context.Request.Headers,
            Secrets = secrets,
            Now = time.GetUtcNow(),
            Tolerance = settings.Tolerance
        }, body, out var proof);
        activity.Verified(verdict);
        if (verdict == IngressReason.SecretsUnavailable)
            return (RetryLater(verdict, settings, Unusable(receiver.Scheme, secrets)), null);
        // The sender is not to blame for a consumed body, and many senders treat a refusal as final, so they are asked to try again. A
        // valid signature over what has arrived proves that it is complete.
        if (isConsumed && (verdict != IngressReason.Accepted || proof is null))
            return (RetryLater(IngressReason.BodyConsumed, settings), null);
        return (verdict == IngressReason.Accepted && body.Length == 0 && !settings.AllowEmptyBody ? IngressReason.BodyEmpty : verdict,
            proof);
    }

    static async ValueTask<(IReadOnlyList<string>? Secrets, Exception? Failure)> ReadSecretsAsync(
        HttpContext context, ReceiverDefinition receiver, WebhookReceiverOptions settings)
    {
        if (!receiver.Scheme!.NeedsSecret)
            return ([], null);
        if (receiver.SecretProvider is not { } type)
            return (settings.Secrets.AsReadOnly(), null);
        using var cancellation = new CancellationTokenSource(settings.EnqueueTimeout);
        try
        {
            var provider = (IWebhookSecretProvider)context.RequestServices.GetRequiredService(type);
            // Runs on the thread pool, because a provider may begin with blocking work that ignores the token. The token is not that of the
            // request, because a sender that disconnects has sent its webhook all the same.
            var reading = Task.Run(() => provider.GetSecretsAsync(receiver.Name, cancellation.Token).AsTask(), CancellationToken.None);
            reading.ObserveFailure();
            return (await reading.WaitAsync(settings.EnqueueTimeout).ConfigureAwait(false), null);
        }
        catch (Exception exception)
        {
            return (null, exception);
        }
    }

    static InvalidOperationException Unusable(WebhookScheme scheme, IReadOnlyList<string> secrets) => new(secrets.Count == 0
        ? "There is no secret."
        : $"None of the {secrets.Count} secrets can be used: the first one {scheme.FindSecretError(secrets[0])}.");

    static bool IsContentTypeAllowed(string? contentType, WebhookReceiverOptions settings) =>
        settings.ContentTypes.Count == 0
        || (MediaTypeHeaderValue.TryParse(contentType, out var parsed)
            && settings.ContentTypes.Any(x => parsed.MediaType.Equals(x, StringComparison.OrdinalIgnoreCase)));

    static IngressResponse RetryLater(IngressReason reason, WebhookReceiverOptions settings, Exception? cause = null) =>
        new(reason, settings.RetryAfter, Cause: cause);
}
