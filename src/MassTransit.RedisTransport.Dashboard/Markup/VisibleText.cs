using System.Buffers;
using System.Globalization;
using System.Text;

namespace MassTransit.RedisTransport.Dashboard.Markup;

/// <summary>
/// Writes out what a reader would not see, or what would change the order of what they see: control characters as their pictures
/// (<c>␛</c>), bidirectional and zero-width characters and halves of surrogate pairs by number (<c>[U+202E]</c>), runs with their length.
/// </summary>
internal static class VisibleText
{
    static readonly SearchValues<char> Special = SearchValues.Create([.. Enumerable.Range(0, 0x10000).Select(x => (char)x)
        .Where(IsSpecial)]);

    /// <summary>The text as it can be shown anywhere.</summary>
    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        if (!text.AsSpan().ContainsAny(Special))
            return text;
        var to = new StringBuilder(text.Length + 16);
        AppendTo(to, text, encode: false);
        return to.ToString();
    }

    /// <summary>The first characters of a text, with an ellipsis if there are more.</summary>
    public static string? Head(string? text, int length) =>
        text is null || text.Length <= length ? text : string.Concat(text.AsSpan(0, length), "…");

    /// <summary>What stands for a character in HTML, in text and in quoted attributes; <c>null</c>: the character itself.</summary>
    public static string? EntityOf(char c) => c switch
    {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&#34;",
        '\'' => "&#39;",
        '`' => "&#96;",
        _ => null,
    };

    /// <summary>How many characters fit into so many bytes of markup. It may be fewer than would, never more.</summary>
    public static int Fit(ReadOnlySpan<char> text, int budget)
    {
        // The longest that stands for one character, a mark with its number.
        if (text.Length <= budget / 10)
            return text.Length;
        for (var i = 0; i < text.Length; i++)
        {
            budget -= EntityOf(text[i])?.Length ?? (Special.Contains(text[i]) ? 8 : text[i] < 0x80 ? 1 : 3);
            if (budget < 0)
                return i;
        }

        return text.Length;
    }

    public static void AppendTo(StringBuilder to, ReadOnlySpan<char> text, bool encode)
    {
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAny(Special);
            if (plain < 0)
            {
                to.Append(text);
                return;
            }

            to.Append(text[..plain]);
            text = text[plain..];
            text = text[AppendSpecial(to, text, encode)..];
        }
    }

    /// <returns>How many characters it has taken.</returns>
    static int AppendSpecial(StringBuilder to, ReadOnlySpan<char> text, bool encode)
    {
        var c = text[0];
        if (EntityOf(c) is { } entity)
        {
            if (encode)
                to.Append(entity);
            else
                to.Append(c);
            return 1;
        }

        // The end of a line of Windows is the end of a line.
        if (c == '\r' && text.Length > 1 && text[1] == '\n')
            return 1;

        if (char.IsHighSurrogate(c) && text.Length > 1 && char.IsLowSurrogate(text[1]))
        {
            var rune = new Rune(c, text[1]);
            if (rune.Value is >= 0xE0000 and <= 0xE0FFF)
                Mark(to, rune.Value, 1);
            else
                to.Append(text[..2]);
            return 2;
        }

        var run = 1;
        while (run < text.Length && text[run] == c)
            run++;
        if (c is < ' ' or '\x7f')
            to.Append(c == '\x7f' ? '␡' : (char)(0x2400 + c), Math.Min(run, 64));
        if (c is < ' ' or '\x7f' && run > 64)
            to.Append(CultureInfo.InvariantCulture, $"[×{run}]");
        else if (c is not (< ' ' or '\x7f'))
            Mark(to, c, run);
        return run;
    }

    static void Mark(StringBuilder to, int code, int run)
    {
        to.Append(CultureInfo.InvariantCulture, $"[U+{code:X4}");
        if (run > 1)
            to.Append(CultureInfo.InvariantCulture, $" ×{run}");
        to.Append(']');
    }

    static bool IsSpecial(char c) => c switch
    {
        '\n' or '\t' => false,
        < ' ' or (>= '\x7f' and <= '\x9f') or '\xad' => true,
        '\u061c' or '\u115f' or '\u1160' or '\u180e' or '\u3164' or '\uffa0' => true,
        >= '\u200b' and <= '\u200f' => true,
        >= '\u2028' and <= '\u202e' => true,
        >= '\u2060' and <= '\u206f' => true,
        >= '\ud800' and <= '\udfff' => true,
        '\ufeff' or (>= '\ufff9' and <= '\ufffb') => true,
        _ => EntityOf(c) is not null,
    };
}
