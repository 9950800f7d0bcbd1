using System.Globalization;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Finds characters that copying, files and quoting add to a secret. With them the receiver would start and refuse every request. A secret
/// of white space alone is the first one that an attacker tries.
/// </summary>
internal static class SecretText
{
    const char Bom = '\uFEFF';

    /// <returns>The error, without the secret; <c>null</c> if there is none.</returns>
    public static string? FindError(string secret)
    {
        if (secret.Length == 0)
            return "is empty";
        if (secret.All(IsBlank))
            return "is nothing but white space";
        if (secret[0] == Bom)
            return "begins with a byte order mark: save the file without one";
        if (IsBlank(secret[0]))
            return "begins with white space";
        if (IsBlank(secret[^1]))
            return secret[^1] is '\n' or '\r'
                ? "ends with a line break: write the file without one (printf instead of echo)" : "ends with white space";
        if (secret.Length >= 2 && secret[0] == secret[^1] && secret[0] is '"' or '\'' or '`')
            return "stands in quotes, which would be a part of it";
        return null;
    }

    static bool IsBlank(char character) =>
        char.IsWhiteSpace(character) || char.IsControl(character) || char.GetUnicodeCategory(character) == UnicodeCategory.Format;
}
