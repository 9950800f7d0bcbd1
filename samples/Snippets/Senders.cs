using MassTransit;
using MassTransit.Webhooks;
using MassTransit.Webhooks.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

static class Senders
{
    static void Address(WebApplicationBuilder builder)
    {
        builder.Services.AddWebhookReceiver("shop", r => r
            .Hmac(h => (h.Header, h.SignedContent) = ("X-Shop-Signature", "{url}{body}"))
            .Configure(o => o.PublicAddresses.Add("https://hooks.example.com"))
            .Configure(builder.Configuration.GetSection("Webhooks:Shop")));
    }

    static void Own(WebApplicationBuilder builder, string secret)
    {
        builder.Services.AddWebhookReceiver("acme", r => r.Scheme(new AcmeScheme(), o => o.Secrets.Add(secret)));
    }

    static void Configured(WebApplicationBuilder builder)
    {
        builder.Services.AddWebhookReceivers(builder.Configuration.GetSection("Webhooks:Receivers"));
    }

    static void Customers(WebApplicationBuilder builder)
    {
        builder.Services.AddWebhookReceiver("shop", r => r.Shopify().TenantsFrom<Shops>());
    }
}

/// <summary>A sender that answers a question by a table of digits, say.</summary>
sealed class AcmeScheme : WebhookScheme
{
    public override IReadOnlyList<string> ProofHeaders => ["X-Acme-Proof"];

    public override ValueTask<WebhookVerification> VerifyAsync(WebhookRequest request, CancellationToken cancellationToken = default) =>
        new(WebhookVerdict.SignatureMissing);

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification) => new(request.Header("X-Acme-Id"));
}

sealed class Shops(ShopTable table) : IWebhookReceiverStore
{
    public async ValueTask<WebhookTenant?> FindAsync(string receiver, string tenant, CancellationToken cancellationToken) =>
        await table.FindSecretAsync(tenant, cancellationToken) is { } secret ? new WebhookTenant(secret) : null;
}

abstract class ShopTable
{
    public abstract Task<string?> FindSecretAsync(string tenant, CancellationToken cancellationToken);
}

sealed class Orders : IWebhookProcessor
{
    public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
    {
        var order = webhook.ReadJson<Order>();
        return Task.FromResult(order.Total > 0 ? WebhookResult.Success() : WebhookResult.Fail("no total"));
    }

    sealed record Order(string Id, decimal Total);
}
