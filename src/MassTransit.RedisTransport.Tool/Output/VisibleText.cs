using System.Globalization;
using System.Text;

namespace MassTransit.RedisTransport.Tool.Output;

/// <summary>
/// Makes every character visible that a terminal would obey: a message that somebody else has sent moves no cursor, changes no colour,
/// turns no
/// text round and hides nothing.
/// </summary>
static class VisibleText
{
    const int ControlPictures = 0x2400;

    /// <summary>On one line: for cells of a table.</summary>
    public static string Line(string text) => Replace(text, keepLines: false);

    /// <summary>With its line breaks and tabs: for bodies and stack traces.</summary>
    public static string Lines(string text) => Replace(text.ReplaceLineEndings("\n"), keepLines: true);

    /// <summary>How many columns of a terminal the text takes.</summary>
    public static int Width(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
            width += Width(rune);
        return width;
    }

    /// <summary>Cuts a text to a width; an ellipsis says that it was cut.</summary>
    public static string Fit(string text, int width)
    {
        // Each character takes two columns at most.
        if (text.Length * 2 <= width || Width(text) <= width)
            return text;
        var fitting = new StringBuilder();
        var used = 1;
        foreach (var rune in text.EnumerateRunes())
        {
            used += Width(rune);
            if (used > width)
                break;
            fitting.Append(rune);
        }

        return fitting.Append('…').ToString();
    }

    static string Replace(string text, bool keepLines)
    {
        if (!NeedsReplacement(text, keepLines))
            return text;
        var visible = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length;)
        {
            if (Rune.TryGetRuneAt(text, i, out var rune))
            {
                Append(visible, rune, keepLines);
                i += rune.Utf16SequenceLength;
            }
            else
            {
                visible.Append(CultureInfo.InvariantCulture, $"<U+{(int)text[i]:X4}>");
                i++;
            }
        }

        return visible.ToString();
    }

    static bool NeedsReplacement(string text, bool keepLines)
    {
        foreach (var character in text)
        {
            if (character is < ' ' or > '~' && !(keepLines && character is '\n' or '\t'))
                return true;
        }

        return false;
    }

    static void Append(StringBuilder visible, Rune rune, bool keepLines)
    {
        var value = rune.Value;
        if (keepLines && value is '\n' or '\t')
            visible.Append((char)value);
        else if (value < ' ')
            visible.Append((char)(ControlPictures + value));
        else if (value == 0x7F)
            visible.Append('\u2421');
        else if (IsUnseen(rune))
            visible.Append(CultureInfo.InvariantCulture, $"<U+{value:X4}>");
        else
            visible.Append(rune);
    }

    static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned;

    static int Width(Rune rune)
    {
        if (rune.Value < 0x300)
            return 1;
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark)
            return 0;
        return IsWide(rune.Value) ? 2 : 1;
    }

    /// <summary>Blocks of East Asian width W and F, and pictures.</summary>
    static bool IsWide(int value) => value is >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0x303E or >= 0x3041 and <= 0x4DBF
        or >= 0x4E00 and <= 0xA4CF or >= 0xA960 and <= 0xA97F or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF
        or >= 0xFE30 and <= 0xFE6F or >= 0xFF01 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6 or >= 0x1F300 and <= 0x1F64F
        or >= 0x1F680 and <= 0x1F6FF or >= 0x1F900 and <= 0x1FAFF or >= 0x20000 and <= 0x3FFFD;
}
