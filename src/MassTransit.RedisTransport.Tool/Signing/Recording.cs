using System.Globalization;
using System.Text.Json;
using MassTransit.RedisTransport.Tool.Outcomes;

namespace MassTransit.RedisTransport.Tool.Signing;

/// <summary>
/// A request in a folder: <c>000001.json</c> with method, path and headers, and <c>000001.body</c> with the very bytes. Readable by nobody
/// else, since
/// there are tokens among headers.
/// </summary>
sealed record Recording(string Method, string Path, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The number that the next recording in the folder gets.</summary>
    public static int NextNumber(string folder) => Numbers(folder).DefaultIfEmpty().Max() + 1;

    public static void PrepareFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, Private | UnixFileMode.UserExecute);
    }

    public async Task<string> WriteAsync(string folder, int number, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var name = System.IO.Path.Combine(folder, number.ToString("000000", CultureInfo.InvariantCulture));
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("method", Method);
            json.WriteString("path", Path);
            json.WriteString("receivedAt", Output.Values.Utc(at));
            json.WriteStartArray("headers");
            foreach (var (header, value) in Headers)
            {
                json.WriteStartArray();
                json.WriteStringValue(header);
                json.WriteStringValue(value);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        // The body first: what has a description is whole.
        await WriteAsync($"{name}.body", Body, cancellationToken);
        await WriteAsync($"{name}.json", buffer.ToArray(), cancellationToken);
        return $"{name}.json";
    }

    /// <summary>All of a folder, in the order in which they came.</summary>
    public static IEnumerable<(int Number, Recording Recording)> ReadAll(string folder)
    {
        if (!Directory.Exists(folder))
            throw ToolException.NotFound($"There is no folder {folder}.");
        foreach (var number in Numbers(folder).Order())
        {
            var name = System.IO.Path.Combine(folder, number.ToString("000000", CultureInfo.InvariantCulture));
            yield return (number, Read(name));
        }
    }

    static Recording Read(string name)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes($"{name}.json"));
            var root = document.RootElement;
            return new Recording(root.GetProperty("method").GetString()!, root.GetProperty("path").GetString()!,
                [.. root.GetProperty("headers").EnumerateArray().Select(x => (x[0].GetString()!, x[1].GetString()!))],
                File.ReadAllBytes($"{name}.body"));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException
            or IndexOutOfRangeException or IOException or UnauthorizedAccessException)
        {
            throw ToolException.Usage($"{name}.json is no recording: {exception.Message}");
        }
    }

    static IEnumerable<int> Numbers(string folder) => Directory.EnumerateFiles(folder, "*.json")
        .Select(x => int.TryParse(System.IO.Path.GetFileNameWithoutExtension(x), NumberStyles.None, CultureInfo.InvariantCulture,
            out var number) ? number : 0)
        .Where(x => x > 0);

    static async Task WriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Private;
        await using var file = new FileStream(path, options);
        await file.WriteAsync(content, cancellationToken);
    }
}
