using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// An answer to a sender: to a webhook that was accepted, or to a challenge. It is sent with <c>Cache-Control: no-store</c> and
/// <c>X-Content-Type-Options: nosniff</c>, since its text may be the sender's.
/// </summary>
public sealed class WebhookAnswer
{
    WebhookAnswer(int status, string? contentType, ReadOnlyMemory<byte> body) => (Status, ContentType, Body) = (status, contentType, body);

    /// <summary>The status, 200 to 299.</summary>
    public int Status { get; }

    /// <summary>The content type; <c>null</c> if there is no body.</summary>
    public string? ContentType { get; }

    /// <summary>The body, which may be empty.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Headers that the sender looks for. Default: none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; private init; } = [];

    /// <summary>The same answer with a header more.</summary>
    /// <param name="name">The header's name.</param>
    /// <param name="value">Its value. A line break in it is refused by the server.</param>
    public WebhookAnswer With(string name, string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(value);
        return new WebhookAnswer(Status, ContentType, Body) { Headers = [.. Headers, KeyValuePair.Create(name, value)] };
    }

    /// <summary>An answer without a body.</summary>
    /// <param name="status">The status, 200 to 299.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is no success.</exception>
    public static WebhookAnswer Empty(int status = StatusCodes.Status200OK) => Create(status, null, []);

    /// <summary>Plain text in UTF-8, without an interpretation by a browser.</summary>
    /// <param name="text">The text.</param>
    /// <param name="status">The status, 200 to 299.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is no success.</exception>
    public static WebhookAnswer Text(string text, int status = StatusCodes.Status200OK) => Of(text, "text/plain; charset=utf-8", status);

    /// <summary>A JSON object of texts.</summary>
    /// <param name="properties">The names and values, which are encoded.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is no success.</exception>
    public static WebhookAnswer Json(params (string Name, string Value)[] properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in properties)
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        return Create(StatusCodes.Status200OK, "application/json", stream.ToArray());
    }

    /// <summary>A text of any content type.</summary>
    /// <param name="text">The text, sent in UTF-8.</param>
    /// <param name="contentType">The content type.</param>
    /// <param name="status">The status, 200 to 299.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is no success.</exception>
    public static WebhookAnswer Of(string text, string contentType, int status = StatusCodes.Status200OK)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentException.ThrowIfNullOrWhiteSpace(contentType);
        return Create(status, contentType, Encoding.UTF8.GetBytes(text));
    }

    static WebhookAnswer Create(int status, string? contentType, byte[] body)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 299);
        return new WebhookAnswer(status, contentType, body);
    }
}
