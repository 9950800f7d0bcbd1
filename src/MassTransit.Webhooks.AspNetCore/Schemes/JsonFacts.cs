using System.Text;
using System.Text.Json;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Finds a few texts of a JSON body by the names that lead to them. Of a body that is no JSON or breaks off, it finds what stands before
/// that, because only the consumer can judge whether the body is valid.
/// </summary>
internal sealed class JsonFacts
{
    /// <summary>The name of the first element of an array.</summary>
    const string First = "[0]";

    static readonly JsonReaderOptions Options =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 256 };

    readonly string[][] _paths;
    readonly int[] _all;

    /// <param name="paths">
    /// The names that lead to each text, with dots between levels and <c>[0]</c> for the first element of an array; <c>null</c>: none.
    /// </param>
    public JsonFacts(params string?[] paths)
    {
        _paths = [.. paths.Select(x => x?.Split('.') ?? [])];
        _all = [.. Enumerable.Range(0, _paths.Length).Where(x => _paths[x].Length > 0)];
    }

    static ReadOnlySpan<byte> Bom => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// The texts in the order of the paths; <c>null</c> if there is none. A number is as it is written. Of a name that comes twice the last
    /// one counts, as with most readers.
    /// </summary>
    public string?[] Read(ReadOnlySpan<byte> body)
    {
        var found = new string?[_paths.Length];
        if (_all.Length == 0)
            return found;
        var reader = new Utf8JsonReader(body.StartsWith(Bom) ? body[Bom.Length..] : body, Options);
        try
        {
            if (reader.Read() && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                ReadValue(ref reader, 0, _all, found);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The body is no JSON, or a text in it is not UTF-8 (InvalidOperationException).
        }

        return found;
    }

    /// <param name="reader">It stands at the beginning of a value, and then at its end.</param>
    /// <param name="level">How many names have led here. No path is deeper than its names, so neither is this.</param>
    /// <param name="open">The paths whose names have led here.</param>
    /// <param name="found">The texts so far.</param>
    void ReadValue(ref Utf8JsonReader reader, int level, ReadOnlySpan<int> open, string?[] found)
    {
        if (open.IsEmpty)
            reader.Skip();
        else if (reader.TokenType == JsonTokenType.StartObject)
            ReadObject(ref reader, level, open, found);
        else if (reader.TokenType == JsonTokenType.StartArray)
            ReadArray(ref reader, level, open, found);
        else
            Take(ref reader, level, open, found);
    }

    void ReadObject(ref Utf8JsonReader reader, int level, ReadOnlySpan<int> open, string?[] found)
    {
        var matching = new int[open.Length];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var count = 0;
            foreach (var path in open)
            {
                if (_paths[path].Length > level && reader.ValueTextEquals(_paths[path][level]))
                    matching[count++] = path;
            }

            reader.Read();
            ReadValue(ref reader, level + 1, matching.AsSpan(0, count), found);
        }
    }

    void ReadArray(ref Utf8JsonReader reader, int level, ReadOnlySpan<int> open, string?[] found)
    {
        int[] matching = [.. open.ToArray().Where(x => _paths[x].Length > level && _paths[x][level] == First)];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ReadValue(ref reader, level + 1, matching, found);
            matching = [];
        }
    }

    void Take(ref Utf8JsonReader reader, int level, ReadOnlySpan<int> open, string?[] found)
    {
        var text = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            // As it is written, so that an id of more than 53 bits stays whole.
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
            _ => null,
        };
        foreach (var path in open)
        {
            if (text is not null && _paths[path].Length == level)
                found[path] = text;
        }
    }
}
