using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MassTransit.RedisTransport.Tool.Tests.Support;

/// <summary>Lines of an export, and lines like them.</summary>
static class Letters
{
    public static async Task<string> ExportAsync(Filled filled, string name = "letters.ndjson", params string[] options)
    {
        var run = await filled.Tool.RunAsync(["dead", "export", "payments", .. options]);
        await File.WriteAllBytesAsync(filled.Tool.File(name), run.Ends(0).Bytes);
        return filled.Tool.File(name);
    }

    /// <summary>So many short letters of the queue of a line, each a microsecond later than the one before.</summary>
    public static async Task WriteManyAsync(string path, string line, int count)
    {
        var letter = JsonNode.Parse(line)!.AsObject();
        var (key, queue) = (letter["key"]!.GetValue<string>(), letter["queue"]!.GetValue<string>());
        var place = long.Parse(key.AsSpan(2, 13), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        letter.SetRecord("no record"u8.ToArray());
        var rest = $$"""queue":"{{queue}}","recordBase64":"{{letter["recordBase64"]}}","recordSha256":"{{letter["recordSha256"]}}"}""";
        await File.WriteAllLinesAsync(path, Enumerable.Range(1, count).Select(i =>
            $$"""{"key":"{{key[..2]}}{{place + i:x13}}{{key[15..]}}","{{rest}}"""));
    }

    /// <summary>A line with something changed in it.</summary>
    public static string Changed(string line, Action<JsonObject> change)
    {
        var letter = JsonNode.Parse(line)!.AsObject();
        change(letter);
        return letter.ToJsonString();
    }

    public static void SetRecord(this JsonObject letter, byte[] record)
    {
        letter["recordBase64"] = Convert.ToBase64String(record);
        letter["recordSha256"] = Convert.ToHexStringLower(SHA256.HashData(record));
    }
}
