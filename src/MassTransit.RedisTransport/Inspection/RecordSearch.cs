using System.Text;
using System.Text.Json;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>Finds a text in messages as it may be written there: as it is, escaped in JSON, or within Base64.</summary>
internal static class RecordSearch
{
    /// <summary>
    /// The shortest text that is looked for within Base64. A shorter one would be found in what means something else.
    /// </summary>
    const int LeastEncoded = 4;

    /// <summary>The forms of a text, of which at least one stands where the text does.</summary>
    public static IReadOnlyList<byte[]> FormsOf(string text)
    {
        var raw = Encoding.UTF8.GetBytes(text);
        var forms = new List<byte[]> { raw };
        Add(JsonEncodedText.Encode(text).EncodedUtf8Bytes);
        Add(JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        if (raw.Length < LeastEncoded)
            return forms;

        for (var shift = 0; shift < 3; shift++)
        {
            var encoded = Encoded(raw, shift);
            Add(Encoding.ASCII.GetBytes(encoded));
            Add(Encoding.ASCII.GetBytes(encoded.Replace("+", "\\u002B", StringComparison.Ordinal)));
        }

        return forms;

        void Add(ReadOnlySpan<byte> form)
        {
            foreach (var known in forms)
            {
                if (form.SequenceEqual(known))
                    return;
            }

            forms.Add(form.ToArray());
        }
    }

    public static bool Occurs(RedisDeadLetter letter, string text)
    {
        foreach (var header in letter.Headers)
        {
            if (header.Key.Contains(text, StringComparison.Ordinal)
                || RecordReading.Text(letter.Headers, header.Key)?.Contains(text, StringComparison.Ordinal) is true)
                return true;
        }

        foreach (var form in FormsOf(text))
        {
            if (letter.Body.Span.IndexOf(form) >= 0)
                return true;
        }

        return false;
    }

    /// <summary>
    /// Returns the characters of Base64 that do not depend on what stands before and behind the bytes, if so many bytes of a group of three
    /// stand before them.
    /// </summary>
    static string Encoded(byte[] bytes, int before)
    {
        var padded = new byte[(before + bytes.Length + 2) / 3 * 3];
        bytes.CopyTo(padded, before);
        // The first character is within the bytes before, and the next one holds bits of both.
        var skip = before switch { 0 => 0, 1 => 2, _ => 3 };
        return Convert.ToBase64String(padded)[skip..((before + bytes.Length) * 8 / 6)];
    }
}
