using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Checks one request with the scheme and the secrets of its receiver.</summary>
internal sealed class SenderCheck
{
    readonly HttpContext _context;
    readonly ReceiverRegistry.Receiver _receiver;
    readonly WebhookReceiverOptions _settings;
    readonly string? _tenant;
    readonly TimeProvider _time;
    readonly WebhookScheme _scheme;

    /// <param name="context">The request.</param>
    /// <param name="receiver">Its receiver.</param>
    /// <param name="settings">The receiver's options.</param>
    /// <param name="tenant">The tenant that the address names.</param>
    /// <param name="time">The clock.</param>
    public SenderCheck(HttpContext context, ReceiverRegistry.Receiver receiver, WebhookReceiverOptions settings, string? tenant,
        TimeProvider time)
    {
        (_context, _receiver, _settings, _tenant, _time) = (context, receiver, settings, tenant, time);
        _scheme = receiver.Definition.Scheme!;
        Request = Of([], default);
    }

    /// <summary>The request as the scheme sees it, with the body and the secrets once they are read.</summary>
    public WebhookRequest Request { get; private set; }

    /// <summary>The customer, if the receiver has a store of them.</summary>
    public WebhookTenant? Tenant { get; private set; }

    /// <summary>Checks the headers, before any byte of the body is read.</summary>
    public IngressReason Precheck() => IngressReasons.Of(_scheme.Precheck(Request));

    /// <summary>Finds the customer whose address it is, if the receiver has a store of them.</summary>
    /// <returns>Why the request goes no further; <c>null</c> if it does.</returns>
    public async ValueTask<IngressResponse?> FindTenantAsync()
    {
        if (_receiver.Tenants is not { } tenants)
            return null;
        var (type, name) = (_receiver.Definition.TenantStore!, _receiver.Definition.Name);
        try
        {
            Tenant = await tenants.GetAsync(_tenant!, _settings.TenantLifetime, tenant => AskAsync<IWebhookReceiverStore,
                WebhookTenant?>(type,
                (store, x) => store.FindAsync(name, tenant, x))).ConfigureAwait(false);
            return Tenant is null ? IngressReason.ReceiverUnknown : null;
        }
        catch (Exception exception)
        {
            return Unavailable(exception);
        }
    }

    /// <summary>Answers a request by another method than <c>POST</c>, which asks whether the receiver is there.</summary>
    public async ValueTask<IngressResponse> AnswerAsync()
    {
        var (secrets, failure) = await ReadSecretsAsync().ConfigureAwait(false);
        if (secrets is null)
            return Unavailable(failure);
        Request = Of(secrets, default);
        using var cancellation = new CancellationTokenSource(_settings.EnqueueTimeout);
        var answer = await _scheme.AnswerAsync(Request, cancellation.Token).AsTask().WaitAsync(_settings.EnqueueTimeout)
            .ConfigureAwait(false);
        return answer is null ? IngressReason.ChallengeRefused : new IngressResponse(IngressReason.Challenge, Answer: answer);
    }

    /// <returns>The verdict, and what the scheme has found.</returns>
    public async ValueTask<(IngressResponse Verdict, WebhookVerification Verification)> VerifyAsync(byte[] body)
    {
        var isConsumed = BodyReader.IsConsumed(_context, body.Length);
        var (secrets, failure) = await ReadSecretsAsync().ConfigureAwait(false);
        if (secrets is null)
            return (Unavailable(failure), default);
        Request = Of(secrets, body);
        var verification = await VerifyAsync(Request).ConfigureAwait(false);
        var verdict = IngressReasons.Of(verification.Verdict);
        if (verdict == IngressReason.SecretsUnavailable)
            return (Unavailable(Unusable(secrets)), default);
        // The sender is not to blame for a consumed body, and many senders treat a refusal as final, so they are asked to try again. A
        // valid signature over what has arrived proves that it is complete.
        if (isConsumed && (verdict != IngressReason.Accepted || verification.Proof is null))
            return (new IngressResponse(IngressReason.BodyConsumed, _settings.RetryAfter), default);
        return (verdict, verification);
    }

    async ValueTask<WebhookVerification> VerifyAsync(WebhookRequest request)
    {
        if (_scheme is ImmediateScheme immediate)
            return immediate.Verify(request);
        using var cancellation = new CancellationTokenSource(_settings.EnqueueTimeout);
        // The token is not that of the request, because a sender that disconnects has sent its webhook all the same.
        return await _scheme.VerifyAsync(request, cancellation.Token).AsTask().WaitAsync(_settings.EnqueueTimeout).ConfigureAwait(false);
    }

    async ValueTask<(IReadOnlyList<string>? Secrets, Exception? Failure)> ReadSecretsAsync()
    {
        if (!_scheme.NeedsSecret)
            return ([], null);
        if (Tenant is { } tenant)
            return (tenant.Secrets, null);
        if (_receiver.Definition.SecretProvider is not { } type)
            return (_settings.Secrets.AsReadOnly(), null);
        try
        {
            var request = new WebhookSecretRequest(_receiver.Definition.Name, _tenant, _context.Request.RouteValues);
            return (await AskAsync<IWebhookSecretProvider,
                IReadOnlyList<string>>(type, (provider, x) => provider.GetSecretsAsync(request, x))
                .ConfigureAwait(false), null);
        }
        catch (Exception exception)
        {
            return (null, exception);
        }
    }

    /// <summary>Asks a service of the application, for as long as a publish may take.</summary>
    async Task<TAnswer> AskAsync<TService, TAnswer>(Type type, Func<TService, CancellationToken, ValueTask<TAnswer>> ask)
    {
        using var cancellation = new CancellationTokenSource(_settings.EnqueueTimeout);
        var service = (TService)_context.RequestServices.GetRequiredService(type);
        // Runs on the thread pool, because the service may begin with blocking work that ignores the token. The token is not that of the
        // request, because a sender that disconnects has sent its webhook all the same.
        var asking = Task.Run(() => ask(service, cancellation.Token).AsTask(), CancellationToken.None);
        asking.ObserveFailure();
        return await asking.WaitAsync(_settings.EnqueueTimeout).ConfigureAwait(false);
    }

    WebhookRequest Of(IReadOnlyList<string> secrets, ReadOnlyMemory<byte> body) => new()
    {
        Method = _context.Request.Method,
        Headers = _context.Request.Headers,
        QueryString = _context.Request.QueryString.Value ?? "",
        Body = body,
        AddressSource = () => PublicAddress.Of(_context.Request, _settings.PublicAddresses),
        IsAddressFixed = _settings.PublicAddresses.Count > 0,
        Secrets = secrets,
        VerifyTokens = Tenant?.VerifyTokens ?? _settings.VerifyTokens.AsReadOnly(),
        Now = _time.GetUtcNow(),
        Tolerance = _settings.Tolerance,
        Receiver = _receiver.Definition.Name,
        Tenant = _tenant,
    };

    IngressResponse Unavailable(Exception? cause) => new(IngressReason.SecretsUnavailable, _settings.RetryAfter, Cause: cause);

    InvalidOperationException Unusable(IReadOnlyList<string> secrets) => new(secrets.Count == 0
        ? "There is no secret."
        : $"None of the {secrets.Count} secrets can be used: the first one {_scheme.FindSecretError(secrets[0])}.");
}
