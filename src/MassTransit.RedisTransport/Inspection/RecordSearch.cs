using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>Finds a text in messages as it may be written there: as it is, escaped in JSON, or within Base64.</summary>
internal static class RecordSearch
{
    /// <summary>
    /// The shortest text that is looked for within Base64. A shorter one would be found in what means something else.
    /// </summary>
    const int LeastEncoded = 4;

    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <param name="letter">Where it is looked for.</param>
    /// <param name="text">The text.</param>
    /// <param name="forms">Its <see cref="FormsOf"/>.</param>
    public static bool Occurs(RedisDeadLetter letter, string text, List<SearchForm> forms)
    {
        foreach (var header in letter.Headers)
        {
            if (header.Key.Contains(text, StringComparison.Ordinal)
                || RecordReading.Text(letter.Headers, header.Key)?.Contains(text, StringComparison.Ordinal) is true)
                return true;
        }

        return forms.Exists(x => x.OccursIn(letter.Body.Span));
    }

    /// <summary>The forms of a text, of which one stands where the text does.</summary>
    public static List<SearchForm> FormsOf(string text)
    {
        var raw = Encoding.UTF8.GetBytes(text);
        List<SearchForm> forms =
        [
            new(raw),
            new(JsonEncodedText.Encode(text).EncodedUtf8Bytes.ToArray()),
            new(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray()),
        ];
        if (raw.Length < LeastEncoded)
            return forms;

        for (var before = 0; before < 3; before++)
        {
            var form = Encoded(raw, before);
            forms.Add(form);
            // Not every writer of JSON leaves a plus as it is.
            if (form.Bytes.Contains((byte)'+'))
            {
                var escaped = Encoding.ASCII.GetString(form.Bytes).Replace("+", "\\u002B", StringComparison.Ordinal);
                forms.Add(form with { Bytes = Encoding.ASCII.GetBytes(escaped) });
            }
        }

        return forms;
    }

    /// <summary>The value of a character of Base64, or -1.</summary>
    public static int ValueOf(byte character) => Alphabet.IndexOf((char)character, StringComparison.Ordinal);

    /// <summary>
    /// Returns the characters of Base64 that depend on the text alone if so many bytes of a group of three stand before it, and the bits of
    /// the text in the characters on both sides.
    /// </summary>
    static SearchForm Encoded(byte[] bytes, int before)
    {
        var padded = new byte[(before + bytes.Length + 2) / 3 * 3];
        bytes.CopyTo(padded, before);
        var encoded = Encoding.ASCII.GetBytes(Convert.ToBase64String(padded));
        var (skip, leadBits) = before switch { 0 => (0, 0), 1 => (2, 4), _ => (3, 2) };
        var (end, tailBits) = Math.DivRem((before + bytes.Length) * 8, 6);
        return new SearchForm(encoded[skip..end])
        {
            LeadBits = leadBits,
            Lead = leadBits == 0 ? 0 : ValueOf(encoded[skip - 1]) & ((1 << leadBits) - 1),
            TailBits = tailBits,
            Tail = tailBits == 0 ? 0 : ValueOf(encoded[end]) >> (6 - tailBits),
        };
    }
}

/// <summary>One way in which a text may stand in a message.</summary>
/// <param name="Bytes">What stands there.</param>
internal readonly record struct SearchForm(byte[] Bytes)
{
    /// <summary>How many low bits of the character before belong to the text.</summary>
    public int LeadBits { get; init; }

    public int Lead { get; init; }

    /// <summary>How many high bits of the character behind belong to the text.</summary>
    public int TailBits { get; init; }

    public int Tail { get; init; }

    public bool OccursIn(ReadOnlySpan<byte> body)
    {
        for (var from = 0; body[from..].IndexOf(Bytes) is >= 0 and var found; from += found + 1)
        {
            var at = from + found;
            if ((LeadBits == 0 || (at > 0 && (RecordSearch.ValueOf(body[at - 1]) & ((1 << LeadBits) - 1)) == Lead))
                && (TailBits == 0 || (at + Bytes.Length < body.Length
                    && RecordSearch.ValueOf(body[at + Bytes.Length]) >> (6 - TailBits) == Tail)))
                return true;
        }

        return false;
    }
}
