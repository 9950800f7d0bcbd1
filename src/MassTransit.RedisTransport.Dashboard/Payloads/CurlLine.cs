using System.Text;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Payloads;

/// <summary>
/// A line that sends the body of a message again by HTTP, to a developer's own machine. It has no header that is a secret: a receiver that
/// checks a signature refuses it, and <c>mtq dead send</c> signs anew.
/// </summary>
internal static class CurlLine
{
    public const string Target = "http://localhost:5080/";

    /// <summary>A longer body comes from the file that the page downloads.</summary>
    const int MaxBody = 4 * 1024;

    const int MaxHeaders = 50;

    /// <param name="described">The message.</param>
    /// <param name="body">Its body as it may be shown.</param>
    /// <param name="isSecret">Which headers are left out.</param>
    public static string Of(Described described, ReadOnlyMemory<byte> body, Func<string, bool> isSecret)
    {
        var line = new StringBuilder($"curl -X POST {Target}");
        if (described.ContentType is { } type && Shell.Quote($"Content-Type: {type}") is { } typed)
            line.Append(" \\\n  -H ").Append(typed);
        foreach (var (name, value) in described.Description?.Headers.Take(MaxHeaders) ?? [])
        {
            if (!name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && !isSecret(name)
                && Shell.Quote($"{name}: {value}") is { } header)
                line.Append(" \\\n  -H ").Append(header);
        }

        if (body.Length > 0)
            line.Append(" \\\n  --data-binary ").Append(Text(body.Span) ?? "@message-body.bin");
        return line.ToString();
    }

    /// <summary>The body as a word of the shell; <c>null</c> if it is long, no text, or has what nobody sees.</summary>
    static string? Text(ReadOnlySpan<byte> body)
    {
        if (body.Length > MaxBody || !System.Text.Unicode.Utf8.IsValid(body))
            return null;
        var text = Encoding.UTF8.GetString(body);
        // curl takes a word that begins so for the name of a file.
        return text.StartsWith('@') ? null : Shell.Quote(text, isBlock: true);
    }
}
