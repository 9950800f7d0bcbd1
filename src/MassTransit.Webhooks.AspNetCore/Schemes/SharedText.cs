using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Compares a text that both sides know.</summary>
internal static class SharedText
{
    /// <summary>Whether a text is one of those that are known. The time does not show which.</summary>
    public static bool IsAny(string offered, IReadOnlyList<string> known)
    {
        var given = Hash(offered);
        var isAny = false;
        foreach (var text in known)
            isAny |= CryptographicOperations.FixedTimeEquals(Hash(text), given);
        return isAny;
    }

    public static WebhookVerification Verify(string offered, IReadOnlyList<string> secrets, WebhookScheme scheme)
    {
        var given = Hash(offered);
        var isAny = false;
        string? matching = null;
        foreach (var secret in secrets)
        {
            if (scheme.FindSecretError(secret) is not null)
                continue;
            isAny = true;
            if (CryptographicOperations.FixedTimeEquals(Hash(secret), given))
                matching ??= secret;
        }

        return !isAny ? WebhookVerdict.SecretsUnavailable
            : matching is null ? WebhookVerdict.SignatureMismatch
            : new WebhookVerification(WebhookVerdict.Accepted) { Secret = matching };
    }

    /// <summary>
    /// Texts are compared by their hashes, which all have the same length. Comparing the texts would show the length of the secret by its
    /// time.
    /// </summary>
    static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
