using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MassTransit.Webhooks;

/// <summary>A webhook that a processor is given, with its attempts.</summary>
/// <param name="Webhook">The webhook as it was received.</param>
/// <param name="Attempt">The number of this attempt within the delivery: 0 for the first one, then the number of the retry.</param>
/// <param name="RedeliveryCount">How often the webhook was redelivered after all retries had failed; 0 at first.</param>
/// <param name="DeliveredBefore">
/// True if the transport has delivered it before to a consumer that crashed or lost its lease. A part of its work may already be done.
/// </param>
public sealed record WebhookContext(Webhook Webhook, int Attempt, int RedeliveryCount, bool DeliveredBefore)
{
    const string Reflection =
        "Reads T by reflection. Use the overload with a JsonTypeInfo where code is trimmed or compiled ahead of time.";

    /// <summary>Reads the body as JSON into a type of yours, by source generation. The body itself stays as it came.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="type">How to read it: <c>MyJson.Default.MyType</c> of a <c>JsonSerializerContext</c>.</param>
    /// <exception cref="JsonException">
    /// The body is no such JSON, or <c>null</c>. It would not be another time either, so answer it with <see cref="WebhookResult.Fail"/> to
    /// spare the retries.
    /// </exception>
    public T ReadJson<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return JsonSerializer.Deserialize(Text(), type) ?? throw Nothing();
    }

    /// <summary>
    /// Reads the body as JSON into a type of yours, with names in any case, as on the web. The body itself stays as it came.
    /// </summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <exception cref="JsonException">
    /// The body is no such JSON, or <c>null</c>. It would not be another time either, so answer it with <see cref="WebhookResult.Fail"/> to
    /// spare the retries.
    /// </exception>
    [RequiresUnreferencedCode(Reflection)]
    [RequiresDynamicCode(Reflection)]
    public T ReadJson<T>() => ReadJson<T>(JsonSerializerOptions.Web);

    /// <summary>Reads the body as JSON into a type of yours. The body itself stays as it came.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="options">How to read it.</param>
    /// <exception cref="JsonException">
    /// The body is no such JSON, or <c>null</c>. It would not be another time either, so answer it with <see cref="WebhookResult.Fail"/> to
    /// spare the retries.
    /// </exception>
    [RequiresUnreferencedCode(Reflection)]
    [RequiresDynamicCode(Reflection)]
    public T ReadJson<T>(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return JsonSerializer.Deserialize<T>(Text(), options) ?? throw Nothing();
    }

    /// <summary>Some senders begin with a byte order mark, which JSON has not.</summary>
    ReadOnlySpan<byte> Text()
    {
        ReadOnlySpan<byte> body = Webhook.Body;
        return body.StartsWith("\uFEFF"u8) ? body[3..] : body;
    }

    JsonException Nothing() => new($"The body of the webhook '{Webhook.Id}' is null.");

    /// <summary>The span of this attempt, if it is traced.</summary>
    internal System.Diagnostics.Activity? Activity { get; init; }

    /// <summary>True if the span belongs to a bundle and so to all its webhooks.</summary>
    internal bool IsBundled { get; init; }

    /// <summary>The delivery that it came with.</summary>
    internal IReceivedWebhook? Received { get; init; }
}
