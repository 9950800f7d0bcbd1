using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>Finds a text in messages as it may be written there: as it is, escaped in JSON, or within Base64.</summary>
internal static class RecordSearch
{
    /// <summary>
    /// The shortest text that is looked for within Base64. A shorter one would be found in what means something else.
    /// </summary>
    const int LeastEncoded = 4;

    /// <summary>How much of a form the server looks for at least. That tells messages apart well enough.</summary>
    const int LeastPart = 6;

    /// <summary>
    /// What is frequent in messages, the most frequent first. The server looks for each occurrence of the first byte of what it is given,
    /// so it takes twice as long if that is a frequent one.
    /// </summary>
    const string Frequent = " eatonirsldcuhmpg\":,.0123456789/fyvbwSTMEACRIDP-(){}";

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

    /// <summary>
    /// What the server looks for, so that it finds at least what <see cref="Occurs"/> finds; <c>null</c> if there is no such thing, because
    /// the text is empty, or holds what takes the place of bytes that are no text.
    /// </summary>
    public static Needle? NeedleOf(string? text, List<SearchForm> forms) =>
        string.IsNullOrEmpty(text) || Encoding.UTF8.GetString(forms[0].Bytes).Contains('\uFFFD')
            ? null : new Needle(text, Broker.Records.HeaderValue.TypesWith(text), [.. forms.Select(x => PartOf(x.Bytes))]);

    /// <summary>Returns a form from its rarest byte on.</summary>
    static ReadOnlyMemory<byte> PartOf(byte[] form)
    {
        var (first, rarest) = (0, int.MaxValue);
        for (var i = 0; i <= Math.Max(0, form.Length - LeastPart); i++)
        {
            var frequency = Frequent.IndexOf((char)form[i], StringComparison.Ordinal) is >= 0 and var at ? Frequent.Length - at : 0;
            if (frequency < rarest)
                (first, rarest) = (i, frequency);
        }

        return form.AsMemory(first);
    }

    /// <summary>The forms of a text, of which one stands where the text does. The first is the text as it is.</summary>
    public static List<SearchForm> FormsOf(string text)
    {
        var raw = Encoding.UTF8.GetBytes(text);
        // Half of a surrogate pair is no text, which no JSON holds.
        text = Encoding.UTF8.GetString(raw);
        List<SearchForm> forms = [new(raw)];
        Add(JsonEncodedText.Encode(text));
        Add(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping));
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

        void Add(JsonEncodedText encoded)
        {
            if (!forms.Exists(x => encoded.EncodedUtf8Bytes.SequenceEqual(x.Bytes)))
                forms.Add(new SearchForm(encoded.EncodedUtf8Bytes.ToArray()));
        }
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
