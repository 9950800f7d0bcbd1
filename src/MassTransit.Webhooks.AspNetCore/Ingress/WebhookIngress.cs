using System.Threading.RateLimiting;
using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The way in: bounded body, signature, repeat or not, broker, answer; in this order, and no answer of success before the broker's.</summary>
internal sealed class WebhookIngress(
    ReceiverRegistry receivers, IOptionsMonitor<WebhookReceiverOptions> options, OncePublisher publisher,
    TimeProvider time, IngressMetrics metrics, ILogger<WebhookIngress> logger)
{
    const string UnknownReceiver = "unknown";

    public async Task HandleAsync(HttpContext context)
    {
        var started = metrics.RequestStarts();
        var receiver = receivers.Find(context.Request.RouteValues["receiver"] as string);
        var response = receiver is null ? IngressReason.ReceiverUnknown : await TryReceiveAsync(context, receiver).ConfigureAwait(false);

        var (status, code) = response.Describe();
        var name = receiver?.Definition.Name ?? UnknownReceiver;
        metrics.RequestEnds(name, code, status, started);
        IngressActivity.Answered(context, name, code);
        if (response.Reason != IngressReason.Accepted)
        {
            var level = Level(status);
            LogMessages.Refused(logger, level, name, status, code);
        }

        if (!context.RequestAborted.IsCancellationRequested)
            await response.WriteAsync(context).ConfigureAwait(false);
    }

    static LogLevel Level(int status) => status switch
    {
        < StatusCodes.Status400BadRequest => LogLevel.Debug,
        StatusCodes.Status401Unauthorized or StatusCodes.Status503ServiceUnavailable => LogLevel.Warning,
        _ => LogLevel.Information
    };

    async Task<IngressResponse> TryReceiveAsync(HttpContext context, ReceiverRegistry.Receiver receiver)
    {
        var name = receiver.Definition.Name;
        try
        {
            return await ReceiveAsync(context, receiver, options.Get(name)).ConfigureAwait(false);
        }
        catch (OptionsValidationException exception)
        {
            LogMessages.Misconfigured(logger, name, exception.Message);
            return Again(IngressReason.Misconfigured, new WebhookReceiverOptions());
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return IngressReason.BodyIncomplete;
        }
        catch (Exception exception)
        {
            LogMessages.Failed(logger, exception, name);
            IngressActivity.Failed(context, exception);
            return Again(IngressReason.InternalError, new WebhookReceiverOptions());
        }
    }

    async Task<IngressResponse> ReceiveAsync(HttpContext context, ReceiverRegistry.Receiver receiver, WebhookReceiverOptions settings)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
            return IngressReason.MethodNotAllowed;

        // Held until the answer: a limiter may count what is in progress.
        using var lease = receiver.Limiter?.AttemptAcquire();
        if (lease is { IsAcquired: false })
            return new IngressResponse(IngressReason.RateLimited, lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : settings.RetryAfter);
        if (!IsContentTypeAllowed(request.ContentType, settings))
            return IngressReason.ContentTypeUnsupported;

        var (body, refusal) = await BodyReader.ReadAsync(context, settings.MaxBodyBytes).ConfigureAwait(false);
        if (refusal is { } reason)
            return reason;
        if (body.Length == 0 && !settings.AllowEmptyBody)
            return IngressReason.BodyEmpty;

        var scheme = receiver.Definition.Scheme!;
        if (await ReadSecretsAsync(context, receiver.Definition, settings).ConfigureAwait(false) is not { } secrets)
            return Again(IngressReason.SecretsUnavailable, settings);
        var verdict = scheme.Verify(new SignedHeaders
        {
            Headers = request.Headers,
            Secrets = secrets,
            Now = time.GetUtcNow(),
            Tolerance = settings.Tolerance
        }, body, out var proof);
        IngressActivity.Verified(context, verdict);
        if (verdict == IngressReason.SecretsUnavailable)
            return Again(verdict, settings);
        if (verdict != IngressReason.Accepted)
            return verdict;

        var facts = scheme.Describe(request.Headers, body);
        if (facts.Challenge is { } challenge)
            return new IngressResponse(IngressReason.Challenge, Challenge: challenge);
        var received = ReceivedWebhook.Create(context, receiver.Definition, settings, facts, body, proof, time.GetUtcNow());
        IngressActivity.Received(context, received.Webhook, received.MessageId, settings.Priority);
        return await publisher.PublishAsync(received, settings).ConfigureAwait(false);
    }

    async Task<IReadOnlyList<string>?> ReadSecretsAsync(HttpContext context, ReceiverDefinition receiver, WebhookReceiverOptions settings)
    {
        if (!receiver.Scheme!.NeedsSecret)
            return [];
        if (receiver.SecretProvider is not { } type)
            return settings.Secrets.AsReadOnly();
        try
        {
            var provider = (IWebhookSecretProvider)context.RequestServices.GetRequiredService(type);
            var reading = provider.GetSecretsAsync(receiver.Name, context.RequestAborted).AsTask();
            reading.ObserveFailure();
            return await reading.WaitAsync(settings.EnqueueTimeout, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            LogMessages.SecretsFailed(logger, exception, receiver.Name);
            return null;
        }
    }

    static bool IsContentTypeAllowed(string? contentType, WebhookReceiverOptions settings) =>
        settings.ContentTypes.Count == 0
        || (MediaTypeHeaderValue.TryParse(contentType, out var parsed)
            && settings.ContentTypes.Any(x => parsed.MediaType.Equals(x, StringComparison.OrdinalIgnoreCase)));

    static IngressResponse Again(IngressReason reason, WebhookReceiverOptions settings) => new(reason, settings.RetryAfter);
}
