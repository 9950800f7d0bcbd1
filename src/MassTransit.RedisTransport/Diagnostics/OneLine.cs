using System.Globalization;

namespace MassTransit.RedisTransport.Diagnostics;

/// <summary>
/// Makes a foreign text fit for one line of a log: line breaks, terminal codes and characters that turn the direction of writing become
/// U+FFFD.
/// </summary>
internal static class OneLine
{
    const char Replacement = '\uFFFD';

    public static string? Of(string? text)
    {
        if (text is null || !text.Any(IsUnfit))
            return text;
        return string.Create(text.Length, text, static (line, text) =>
        {
            for (var i = 0; i < line.Length; i++)
                line[i] = IsUnfit(text[i]) ? Replacement : text[i];
        });
    }

    static bool IsUnfit(char character) => char.IsControl(character) || CharUnicodeInfo.GetUnicodeCategory(character)
        is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
