using System.Text;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Makes the key from the text of a secret.</summary>
internal sealed class SecretKey(WebhookSecretEncoding encoding, string prefix)
{
    /// <summary>The bytes of the key; <c>null</c> if the secret is no valid one.</summary>
    public byte[]? Read(string secret) => FindError(secret) is not null ? null : encoding switch
    {
        WebhookSecretEncoding.Base64 => DecodeBase64(Bare(secret)),
        WebhookSecretEncoding.Hex => Convert.FromHexString(Bare(secret)),
        // The prefix is a part of the text that such a sender takes for its key, unless it was declared.
        _ => Encoding.UTF8.GetBytes(Bare(secret)),
    };

    /// <returns>The error, without the secret; <c>null</c> if there is none.</returns>
    public string? FindError(string secret)
    {
        var after = prefix.Length > 0 ? $" after '{prefix}'" : "";
        return encoding switch
        {
            WebhookSecretEncoding.Base64 => DecodeBase64(Bare(secret)) is null ? $"is not base64{after}" : null,
            WebhookSecretEncoding.Hex => IsHex(Bare(secret)) ? null : $"is not hexadecimal{after}",
            _ => SecretText.FindError(secret),
        };
    }

    string Bare(string secret) => prefix.Length > 0 && secret.StartsWith(prefix, StringComparison.Ordinal) ? secret[prefix.Length..]
        : secret;

    static byte[]? DecodeBase64(string text)
    {
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) && length > 0 ? key[..length] : null;
    }

    static bool IsHex(string text) => text.Length > 0 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit);
}
