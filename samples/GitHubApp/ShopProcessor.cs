using System.Text.Json;
using System.Text.Json.Serialization;
using MassTransit.Webhooks;

namespace GitHubApp;

/// <summary>Reads the webhooks of a sender of one's own with a generated reader: no reflection, and the body stays as it came.</summary>
sealed class ShopProcessor : IWebhookProcessor
{
    public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
    {
        try
        {
            var paid = webhook.ReadJson(ShopJson.Default.OrderPaid);
            Console.WriteLine($"order {paid.Order} is paid: {paid.Amount} {paid.Currency}");
            return Task.FromResult(WebhookResult.Success());
        }
        catch (JsonException exception)
        {
            return Task.FromResult(WebhookResult.Fail($"not an order: {exception.Message}"));
        }
    }
}

/// <summary>An order that was paid.</summary>
sealed record OrderPaid(string Order, decimal Amount, string Currency);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(OrderPaid))]
sealed partial class ShopJson : JsonSerializerContext;
