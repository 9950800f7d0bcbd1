namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Decodes codes strictly: one text for each value. Otherwise the unused bits of a base64 text, or the case of a hex one,
/// would be a part of the request that can be changed without being noticed.
/// </summary>
internal static class CodeDecoder
{
    /// <summary>Longer than any code we know (SHA-512 in hex: 128), short enough to decode without a thought.</summary>
    const int LongestText = 256;

    public static byte[]? DecodeHex(ReadOnlySpan<char> text, bool anyCase = false)
    {
        if (text.IsEmpty || text.Length > LongestText || text.Length % 2 != 0)
            return null;
        foreach (var digit in text)
        {
            if (!(anyCase ? char.IsAsciiHexDigit(digit) : char.IsAsciiHexDigitLower(digit)))
                return null;
        }

        return Convert.FromHexString(text);
    }

    public static byte[]? DecodeBase64(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > LongestText)
            return null;
        Span<byte> buffer = stackalloc byte[LongestText];
        if (!Convert.TryFromBase64Chars(text, buffer, out var written))
            return null;

        Span<char> again = stackalloc char[LongestText + 4];
        return Convert.TryToBase64Chars(buffer[..written], again, out var length) && text.SequenceEqual(again[..length])
            ? buffer[..written].ToArray()
            : null;
    }
}
