using System.Text.Json;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// The few texts of a JSON body that identify it. For a body that is no JSON or breaks off, they are what was found up to that point,
/// because only the consumer can judge whether the body is valid.
/// </summary>
internal readonly record struct JsonFacts(string? Id, string? Type, string? EventId, string? EventType, string? Challenge)
{
    static readonly JsonReaderOptions Options =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 256 };

    static ReadOnlySpan<byte> Bom => [0xEF, 0xBB, 0xBF];

    public static JsonFacts Read(ReadOnlySpan<byte> body)
    {
        var facts = new JsonFacts();
        var reader = new Utf8JsonReader(body.StartsWith(Bom) ? body[Bom.Length..] : body, Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return facts;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isEvent = reader.ValueTextEquals("event"u8);
                var name = Name(ref reader);
                reader.Read();
                if (reader.TokenType == JsonTokenType.String && name is not null)
                    facts = facts.With(name, reader.GetString());
                else if (isEvent && reader.TokenType == JsonTokenType.StartObject)
                    facts = facts with { EventType = ReadType(ref reader) };
                else
                    reader.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The body is no JSON, or a text in it is not UTF-8 (InvalidOperationException).
        }

        return facts;
    }

    JsonFacts With(string name, string? value) => name switch
    {
        "id" => this with { Id = value },
        "type" => this with { Type = value },
        "event_id" => this with { EventId = value },
        _ => this with { Challenge = value }
    };

    static string? Name(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("id"u8) ? "id"
        : reader.ValueTextEquals("type"u8) ? "type"
        : reader.ValueTextEquals("event_id"u8) ? "event_id"
        : reader.ValueTextEquals("challenge"u8) ? "challenge"
        : null;

    static string? ReadType(ref Utf8JsonReader reader)
    {
        string? type = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
                type = reader.GetString();
            else
                reader.Skip();
        }

        return type;
    }
}
