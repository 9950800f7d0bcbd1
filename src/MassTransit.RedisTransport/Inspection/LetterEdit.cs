using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>Makes the record of an edited dead letter.</summary>
internal static class LetterEdit
{
    const string ReservedPrefix = "MT-";

    /// <summary>The first edit of a message tells what the original was; later ones do not change that.</summary>
    static readonly string[] OwnHeaders = [RecordHeaders.EditedBy, RecordHeaders.EditedAt];

    /// <exception cref="ArgumentException">The edit is not valid, whatever it is applied to.</exception>
    public static void Validate(RedisEdit edit)
    {
        if (edit.Message is not null && edit.Body is not null)
            throw new ArgumentException("Give the Message or the whole Body, not both.", nameof(edit));
        if (edit.Message is { } json && !IsJson(Encoding.UTF8.GetBytes(json)))
            throw new ArgumentException("The message is no valid JSON.", nameof(edit));
        foreach (var (name, value) in edit.Headers ?? new Dictionary<string, string?>())
        {
            if (string.IsNullOrWhiteSpace(name) || name.Length > 200 || name.Any(char.IsControl)
                || name.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase))
            {
                throw new ArgumentException($"A header has a name of 1 to 200 characters, which does not begin with {ReservedPrefix}: "
                    + "those belong to the transport.", nameof(edit));
            }

            if (value?.Length > 8_192)
                throw new ArgumentException($"The header '{name}' has more than 8192 characters.", nameof(edit));
        }

        if (edit.ContentType is { } type && (type.Length is 0 or > 200 || type.Any(char.IsControl)))
            throw new ArgumentException("A content type has 1 to 200 characters.", nameof(edit));
    }

    /// <exception cref="ArgumentException">The edit does not fit the message.</exception>
    public static ReadOnlyMemory<byte> Apply(RedisEdit edit, RedisDeadLetter letter, string by, DateTimeOffset now)
    {
        if (!letter.IsReadable)
            throw new ArgumentException("A record that cannot be read cannot be edited: replay or purge it.", nameof(edit));

        var replayed = RecordReading.Replayed(letter);
        _ = MessageRecord.TryParse(replayed, out var record);
        var type = edit.ContentType ?? record!.ContentType;
        var body = BodyOf(edit, record!, type);
        var id = record!.MessageId;
        if (edit.NewMessageId)
        {
            id = NewId.NextGuid();
            if (JsonEnvelope.IsEnvelope(type))
                body = JsonEnvelope.WithProperty(body, "messageId", $"\"{id}\"") ?? body;
        }

        if (body.Length > RedisEdit.MaxBytes)
            throw new ArgumentException($"The body has {body.Length} bytes: {RedisEdit.MaxBytes} is the most after an edit.", nameof(edit));
        return new MessageRecord
        {
            MessageId = id,
            ContentType = type,
            TimeToLive = record.TimeToLive,
            Headers = HeadersOf(edit, letter, record, by, now),
            Body = body,
        }.Pack();
    }

    static ReadOnlyMemory<byte> BodyOf(RedisEdit edit, MessageRecord record, string? type)
    {
        if (edit.Body is { } whole)
        {
            return type?.Contains("json", StringComparison.OrdinalIgnoreCase) is true && !IsJson(whole.Span)
                ? throw new ArgumentException($"The body is no valid JSON, and its content type is {FailureText.Line(type, 100)}.",
                    nameof(edit))
                : whole;
        }

        if (edit.Message is not { } message)
            return record.Body;
        if (!JsonEnvelope.IsEnvelope(type))
            return Encoding.UTF8.GetBytes(message);
        return JsonEnvelope.WithProperty(record.Body, "message", message)
            ?? throw new ArgumentException("The body is no envelope with a message: give the whole Body.", nameof(edit));
    }

    static List<KeyValuePair<string, object>> HeadersOf(RedisEdit edit, RedisDeadLetter letter, MessageRecord record, string by,
        DateTimeOffset now)
    {
        var changed = (edit.Headers ?? new Dictionary<string, string?>()).ToDictionary(StringComparer.OrdinalIgnoreCase);
        var headers = record.Headers
            .Where(x => !changed.ContainsKey(x.Key) && !OwnHeaders.Contains(x.Key, StringComparer.OrdinalIgnoreCase)).ToList();
        headers.AddRange(changed.Where(x => x.Value is not null).Select(x => new KeyValuePair<string, object>(x.Key, x.Value!)));
        headers.Add(new(RecordHeaders.EditedBy, by));
        headers.Add(new(RecordHeaders.EditedAt, now.ToString("O", CultureInfo.InvariantCulture)));
        if (RecordHeaders.Find(headers, RecordHeaders.EditOf) is null)
            headers.Add(new(RecordHeaders.EditOf, Convert.ToHexStringLower(SHA256.HashData(letter.Body.Span))));
        return headers;
    }

    static bool IsJson(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 256 });
            while (reader.Read())
                ;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
