using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Telegram's <c>X-Telegram-Bot-Api-Secret-Token</c> (core.telegram.org/bots/api#setwebhook). An update says what it is by the name of its
/// only other property.
/// </summary>
internal sealed class TelegramScheme() : TokenScheme(new WebhookTokenOptions
{
    Header = "X-Telegram-Bot-Api-Secret-Token",
    IdHeader = null,
    EventTypeHeader = null,
    IdProperty = Id,
})
{
    const string Id = "update_id";

    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification) =>
        base.Describe(request, verification) with { EventType = KindOf(request.Body.Span) };

    static string KindOf(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return "";
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!reader.ValueTextEquals(Id))
                    return reader.GetString() ?? "";
                reader.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The body is no JSON. What it is says whoever consumes it.
        }

        return "";
    }
}
