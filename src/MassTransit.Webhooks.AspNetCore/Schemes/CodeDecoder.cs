namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Decodes codes strictly, so that each value has only one text. Otherwise the unused bits of a base64 text, or the case of a hex text,
/// could be changed without being noticed.
/// </summary>
internal static class CodeDecoder
{
    /// <summary>
    /// The longest text that is decoded. It is longer than any known code (SHA-512 in hex: 128), and short enough to be cheap to decode.
    /// </summary>
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
