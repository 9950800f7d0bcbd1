using System.Text;

namespace MassTransit.RedisTransport.Broker.Records;

/// <summary>Makes texts of faults alike, and fit to be shown.</summary>
internal static class FailureText
{
    const char Quotes = '…';
    const char Number = '#';

    /// <summary>
    /// Replaces what differs between faults of the same cause: quoted text, words with a digit (numbers, GUIDs, hex, dates), e-mail
    /// addresses and URLs.
    /// </summary>
    public static string Normalize(string text)
    {
        var rest = text.AsSpan(0, Math.Min(text.Length, FailureFingerprint.MaxText));
        var plain = new StringBuilder(Math.Min(rest.Length, 1_024));
        // A quotation mark that is not closed is looked for only once, so that many of them cost no more than one.
        var open = "";
        for (var i = 0; i < rest.Length && plain.Length < 2_000;)
        {
            var c = rest[i];
            if (c is '"' or '\'' or '`' or '“' or '«' && (i == 0 || !char.IsLetterOrDigit(rest[i - 1])) && !open.Contains(c))
            {
                var close = rest[(i + 1)..].IndexOf(c switch { '“' => '”', '«' => '»', _ => c });
                if (close >= 0)
                {
                    plain.Append('"').Append(Quotes).Append('"');
                    i += close + 2;
                    continue;
                }

                open += c;
            }

            if (!IsOfWord(c))
            {
                plain.Append(char.IsWhiteSpace(c) || char.IsControl(c) ? ' ' : c);
                i++;
                continue;
            }

            var end = i + 1;
            while (end < rest.Length && IsOfWord(rest[end]))
                end++;
            Word(plain, rest[i..end]);
            i = end;
        }

        return plain.ToString().Trim();
    }

    /// <summary>Returns one line of at most so many characters; control characters become spaces.</summary>
    public static string Line(string text, int most)
    {
        var line = new StringBuilder(Math.Min(text.Length, most));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length + rune.Utf16SequenceLength > most)
            {
                line.Length = Math.Min(line.Length, most - 1);
                if (line.Length > 0 && char.IsHighSurrogate(line[^1]))
                    line.Length--;
                return line.Append('…').ToString();
            }

            if (Rune.IsControl(rune) || rune.Value is '\u2028' or '\u2029')
                line.Append(' ');
            else
                line.Append(rune.ToString());
        }

        return line.ToString();
    }

    static void Word(StringBuilder plain, ReadOnlySpan<char> word)
    {
        // What ends a sentence belongs to no word.
        var end = word.Length;
        while (end > 0 && word[end - 1] is '.' or ':' or '?' or '-' or '/')
            end--;
        var tail = word[end..];
        word = word[..end];
        if (word.IndexOf("://", StringComparison.Ordinal) > 0)
            plain.Append("URL");
        else if (word.IndexOf('@') is > 0 and var at && at < word.Length - 1)
            plain.Append("E-MAIL");
        else if (word.ContainsAnyInRange('0', '9') || IsHex(word))
            plain.Append(Number);
        else
            plain.Append(word);
        plain.Append(tail);
    }

    static bool IsHex(ReadOnlySpan<char> word)
    {
        if (word.Length < 8)
            return false;
        foreach (var c in word)
        {
            if (!char.IsAsciiHexDigit(c) && c != '-')
                return false;
        }

        return true;
    }

    static bool IsOfWord(char c) => char.IsLetterOrDigit(c)
        || c is '.' or ':' or '@' or '-' or '_' or '/' or '%' or '+' or '?' or '&' or '=' or '#' or '~' or '{' or '}';
}
