using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Operations;

/// <summary>Writes a selection as it is stored and as people read it.</summary>
internal static class SelectionText
{
    const int MaxText = 500;

    /// <exception cref="ArgumentException">The selection is larger than an operation may be.</exception>
    public static string Write(RedisSelection selection)
    {
        var filter = selection.Filter;
        var json = JsonSerializer.Serialize(new SelectionData(selection.Keys, filter?.Group, filter?.ExceptionType, filter?.FaultMessage,
            filter?.MessageType, filter?.OlderThan?.Ticks, filter?.YoungerThan?.Ticks, filter?.Headers, filter?.Properties, filter?.Text,
            filter is not null), SelectionJson.Default.SelectionData);
        return json.Length <= 64 * 1024
            ? json : throw new ArgumentException("The conditions of an operation are 64 KB at most.", nameof(selection));
    }

    /// <exception cref="RedisTransportException">The text was not written by this version or an earlier one.</exception>
    public static RedisSelection Read(string json)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, SelectionJson.Default.SelectionData) is { } data)
            {
                return data.Keys is { } keys ? RedisSelection.Of([.. keys])
                    : !data.Filtered ? RedisSelection.All
                    : RedisSelection.Where(new RedisDeadLetterFilter
                    {
                        Group = data.Group,
                        ExceptionType = data.ExceptionType,
                        FaultMessage = data.FaultMessage,
                        MessageType = data.MessageType,
                        OlderThan = data.OlderThan is { } older ? TimeSpan.FromTicks(older) : null,
                        YoungerThan = data.YoungerThan is { } younger ? TimeSpan.FromTicks(younger) : null,
                        Headers = data.Headers,
                        Properties = data.Properties,
                        Text = data.Text,
                    });
            }
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // It is refused below.
        }

        throw new RedisTransportException("What the operation is about cannot be read: it was written by a newer version, or by somebody "
            + "else. Cancel it.");
    }

    public static string Describe(RedisSelection selection)
    {
        if (selection.Keys is { } keys)
            return keys.Count == 1 ? keys[0] : $"{keys.Count} keys";
        if (selection.Filter is not { } filter)
            return "all";

        var parts = new List<string>();
        Add("group", filter.Group);
        Add("exception", filter.ExceptionType);
        Add("message", filter.FaultMessage);
        Add("type", filter.MessageType);
        Add("older", filter.OlderThan?.ToString("c", CultureInfo.InvariantCulture));
        Add("younger", filter.YoungerThan?.ToString("c", CultureInfo.InvariantCulture));
        foreach (var (name, value) in filter.Headers ?? new Dictionary<string, string>())
            Add(name, value);
        foreach (var (name, value) in filter.Properties ?? new Dictionary<string, string>())
            Add(name, value);
        Add("contains", filter.Text);
        return parts.Count == 0 ? "all" : FailureText.Line(string.Join(", ", parts), MaxText);

        void Add(string name, string? value)
        {
            if (value is not null)
                parts.Add($"{name} {value}");
        }
    }
}

/// <summary>A selection as it is stored.</summary>
internal sealed record SelectionData(IReadOnlyList<string>? Keys, string? Group, string? ExceptionType, string? FaultMessage,
    string? MessageType, long? OlderThan, long? YoungerThan, IReadOnlyDictionary<string, string>? Headers,
    IReadOnlyDictionary<string, string>? Properties, string? Text, bool Filtered);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SelectionData))]
internal sealed partial class SelectionJson : JsonSerializerContext;
