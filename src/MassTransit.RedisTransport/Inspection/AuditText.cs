using System.Buffers;
using System.Text;
using System.Text.Json;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>
/// An entry of the audit as JSON, id first: <c>{"id":"…","user":"…","action":"…",…}</c>. Fields without a value are left out;
/// fields that this version does not know are passed over.
/// </summary>
internal static class AuditText
{
    const int MaxAction = 50;
    const int MaxQueue = 255;
    public const int MaxTrace = 64;

    /// <exception cref="ArgumentException">A text is too long, or a required one is empty.</exception>
    public static void Require(RedisAuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentException.ThrowIfNullOrWhiteSpace(entry.User, nameof(RedisAuditEntry.User));
        ArgumentException.ThrowIfNullOrWhiteSpace(entry.Action, nameof(RedisAuditEntry.Action));
        Bound(entry.User, RedisAuditEntry.MaxUser, nameof(RedisAuditEntry.User));
        Bound(entry.Address, RedisAuditEntry.MaxUser, nameof(RedisAuditEntry.Address));
        Bound(entry.Action, MaxAction, nameof(RedisAuditEntry.Action));
        Bound(entry.Queue, MaxQueue, nameof(RedisAuditEntry.Queue));
        Bound(entry.Selection, RedisAuditEntry.MaxReason, nameof(RedisAuditEntry.Selection));
        Bound(entry.Reason, RedisAuditEntry.MaxReason, nameof(RedisAuditEntry.Reason));
        Bound(entry.TraceId, MaxTrace, nameof(RedisAuditEntry.TraceId));

        static void Bound(string? text, int most, string name)
        {
            if (text?.Length > most)
                throw new ArgumentException($"{name} has {text.Length} characters: at most {most} are kept, shorten it.", name);
        }
    }

    public static ReadOnlyMemory<byte> Write(RedisAuditEntry entry)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", entry.Id);
            WriteText(json, "user", entry.User);
            if (entry.IsProven)
                json.WriteBoolean("proven", true);
            WriteText(json, "action", entry.Action);
            WriteText(json, "address", entry.Address);
            WriteText(json, "queue", entry.Queue);
            WriteText(json, "selection", entry.Selection);
            WriteText(json, "reason", entry.Reason);
            WriteText(json, "trace", entry.TraceId);
            if (entry.Count is { } count)
                json.WriteNumber("count", count);
            json.WriteString("outcome", entry.Outcome.ToString());
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;

        static void WriteText(Utf8JsonWriter json, string name, string? text)
        {
            // Half of a character, which a hostile name may hold, becomes U+FFFD; the writer itself would refuse it.
            if (!string.IsNullOrEmpty(text))
                json.WriteString(name, Encoding.UTF8.GetBytes(text));
        }
    }

    /// <summary>Returns <c>null</c> for a member that is no entry of the audit.</summary>
    public static RedisAuditEntry? Read(ReadOnlyMemory<byte> text, DateTimeOffset at)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "user") is not { } user || Text(root, "action") is not { } action)
                return null;

            return new RedisAuditEntry
            {
                Id = Text(root, "id") ?? "",
                At = at,
                User = user,
                IsProven = root.TryGetProperty("proven", out var proven) && proven.ValueKind == JsonValueKind.True,
                Address = Text(root, "address"),
                Action = action,
                Queue = Text(root, "queue"),
                Selection = Text(root, "selection"),
                Count = root.TryGetProperty("count", out var count) && count.ValueKind == JsonValueKind.Number
                    && count.TryGetInt64(out var number) ? number : null,
                Reason = Text(root, "reason"),
                Outcome = Enum.TryParse<RedisAuditOutcome>(Text(root, "outcome"), out var outcome) ? outcome : RedisAuditOutcome.Started,
                TraceId = Text(root, "trace"),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Text that is no JSON, or holds half a character, which somebody else has written.
            return null;
        }
    }

    static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
