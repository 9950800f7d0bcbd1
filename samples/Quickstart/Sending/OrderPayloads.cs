using System.Text.Json;

namespace Quickstart.Sending;

/// <summary>Bodies as the Standard Webhooks specification advises: type, timestamp, data.</summary>
static class OrderPayloads
{
    static readonly string[] EventTypes = ["order.created", "order.paid", "order.shipped", "order.cancelled"];

    public static (string EventType, byte[] Body) Create(int number)
    {
        var type = EventTypes[number % EventTypes.Length];
        return (type, JsonSerializer.SerializeToUtf8Bytes(new
        {
            type,
            timestamp = DateTimeOffset.UtcNow,
            data = new
            {
                id = $"ord_{number:x12}",
                number = 100_000 + number,
                customer = new { id = $"cus_{number % 250:x8}", email = $"customer{number % 250}@example.com", country = "DE" },
                lines = Enumerable.Range(1, 1 + (number % 5))
                    .Select(x => new { sku = $"SKU-{x:0000}", quantity = x, unit_price = 995 * x, currency = "EUR" }),
                total = 995 * (1 + (number % 5)),
                currency = "EUR",
            },
        }));
    }
}
