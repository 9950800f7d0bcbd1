using System.Text;
using System.Text.Json;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Signing;

/// <summary>Where a body comes from. Its bytes are never changed.</summary>
static class BodyInput
{
    /// <param name="console">The machine.</param>
    /// <param name="given"><c>@path</c>, <c>-</c> for the standard input, or the text itself.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<byte[]> ReadAsync(ToolConsole console, string given, CancellationToken cancellationToken)
    {
        if (given == "-")
            return await ReadInputAsync(console, cancellationToken);
        return given.StartsWith('@') ? await ReadFileAsync(given[1..], cancellationToken) : Encoding.UTF8.GetBytes(given);
    }

    public static async Task<byte[]> ReadInputAsync(ToolConsole console, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await console.In.CopyToAsync(buffer, CancellationToken.None).WaitAsync(cancellationToken);
        return buffer.ToArray();
    }

    public static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw ToolException.Usage($"{path} cannot be read: {exception.Message}");
        }
    }

    /// <summary>A body that this kind of sender could have sent, another one for each id.</summary>
    public static byte[] Make(SchemeKind kind, Facts facts)
    {
        var type = JsonEncodedText.Encode(facts.EventType);
        var id = JsonEncodedText.Encode(facts.Id);
        return Encoding.UTF8.GetBytes(kind.Name switch
        {
            "standard" or "svix" => $$$"""{"type":"{{{type}}}","data":{"id":"{{{id}}}","test":true}}""",
            "stripe" =>
                $$$$"""{"id":"{{{{id}}}}","object":"event","type":"{{{{type}}}}","created":{{{{facts.Time}}}},"data":{"object":{}}}""",
            "slack" => $$$"""{"type":"event_callback","event_id":"{{{id}}}","event_time":{{{facts.Time}}},"event":{"type":"{{{type}}}"}}""",
            _ => $$$"""{"event":"{{{type}}}","id":"{{{id}}}","test":true}""",
        });
    }
}
