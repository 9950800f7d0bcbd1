using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Checks one request with the scheme and the secrets of its receiver.</summary>
internal sealed class SenderCheck(HttpContext context, ReceiverDefinition receiver, WebhookReceiverOptions settings, string? tenant,
    TimeProvider time)
{
    readonly WebhookScheme _scheme = receiver.Scheme!;

    /// <summary>The request as the scheme sees it, with the body and the secrets once they are read.</summary>
    public WebhookRequest Request { get; private set; } = Of(context, receiver, settings, tenant, time, [], default);

    /// <summary>Checks the headers, before any byte of the body is read.</summary>
    public IngressReason Precheck() => IngressReasons.Of(_scheme.Precheck(Request));

    /// <summary>Answers a request by another method than <c>POST</c>, which asks whether the receiver is there.</summary>
    public async ValueTask<IngressResponse> AnswerAsync()
    {
        var (secrets, failure) = await ReadSecretsAsync().ConfigureAwait(false);
        if (secrets is null)
            return Unavailable(failure);
        Request = Of(context, receiver, settings, tenant, time, secrets, default);
        using var cancellation = new CancellationTokenSource(settings.EnqueueTimeout);
        var answer = await _scheme.AnswerAsync(Request, cancellation.Token).AsTask().WaitAsync(settings.EnqueueTimeout)
            .ConfigureAwait(false);
        return answer is null ? IngressReason.ChallengeRefused : new IngressResponse(IngressReason.Challenge, Answer: answer);
    }

    /// <returns>The verdict, and what the scheme has found.</returns>
    public async ValueTask<(IngressResponse Verdict, WebhookVerification Verification)> VerifyAsync(byte[] body)
    {
        var isConsumed = BodyReader.IsConsumed(context, body.Length);
        var (secrets, failure) = await ReadSecretsAsync().ConfigureAwait(false);
        if (secrets is null)
            return (Unavailable(failure), default);
        Request = Of(context, receiver, settings, tenant, time, secrets, body);
        var verification = await VerifyAsync(Request).ConfigureAwait(false);
        var verdict = IngressReasons.Of(verification.Verdict);
        if (verdict == IngressReason.SecretsUnavailable)
            return (Unavailable(Unusable(secrets)), default);
        // The sender is not to blame for a consumed body, and many senders treat a refusal as final, so they are asked to try again. A
        // valid signature over what has arrived proves that it is complete.
        if (isConsumed && (verdict != IngressReason.Accepted || verification.Proof is null))
            return (new IngressResponse(IngressReason.BodyConsumed, settings.RetryAfter), default);
        return (verdict, verification);
    }

    async ValueTask<WebhookVerification> VerifyAsync(WebhookRequest request)
    {
        if (_scheme is ImmediateScheme immediate)
            return immediate.Verify(request);
        using var cancellation = new CancellationTokenSource(settings.EnqueueTimeout);
        // The token is not that of the request, because a sender that disconnects has sent its webhook all the same.
        return await _scheme.VerifyAsync(request, cancellation.Token).AsTask().WaitAsync(settings.EnqueueTimeout).ConfigureAwait(false);
    }

    async ValueTask<(IReadOnlyList<string>? Secrets, Exception? Failure)> ReadSecretsAsync()
    {
        if (!_scheme.NeedsSecret)
            return ([], null);
        if (receiver.SecretProvider is not { } type)
            return (settings.Secrets.AsReadOnly(), null);
        using var cancellation = new CancellationTokenSource(settings.EnqueueTimeout);
        try
        {
            var provider = (IWebhookSecretProvider)context.RequestServices.GetRequiredService(type);
            var request = new WebhookSecretRequest(receiver.Name, tenant, context.Request.RouteValues);
            // Runs on the thread pool, because a provider may begin with blocking work that ignores the token. The token is not that of the
            // request, because a sender that disconnects has sent its webhook all the same.
            var reading = Task.Run(() => provider.GetSecretsAsync(request, cancellation.Token).AsTask(), CancellationToken.None);
            reading.ObserveFailure();
            return (await reading.WaitAsync(settings.EnqueueTimeout).ConfigureAwait(false), null);
        }
        catch (Exception exception)
        {
            return (null, exception);
        }
    }

    static WebhookRequest Of(HttpContext context, ReceiverDefinition receiver, WebhookReceiverOptions settings, string? tenant,
        TimeProvider time, IReadOnlyList<string> secrets, ReadOnlyMemory<byte> body) => new()
        {
            Method = context.Request.Method,
            Headers = context.Request.Headers,
            QueryString = context.Request.QueryString.Value ?? "",
            Body = body,
            AddressSource = () => PublicAddress.Of(context.Request, settings.PublicAddresses),
            IsAddressFixed = settings.PublicAddresses.Count > 0,
            Secrets = secrets,
            VerifyTokens = settings.VerifyTokens.AsReadOnly(),
            Now = time.GetUtcNow(),
            Tolerance = settings.Tolerance,
            Receiver = receiver.Name,
            Tenant = tenant,
        };

    IngressResponse Unavailable(Exception? cause) => new(IngressReason.SecretsUnavailable, settings.RetryAfter, Cause: cause);

    InvalidOperationException Unusable(IReadOnlyList<string> secrets) => new(secrets.Count == 0
        ? "There is no secret."
        : $"None of the {secrets.Count} secrets can be used: the first one {_scheme.FindSecretError(secrets[0])}.");
}
