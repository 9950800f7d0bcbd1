using System.Globalization;
using System.Text;

namespace MassTransit.RedisTransport.Broker.Records;

/// <summary>Packs one header. Values of the common types are restored with their type; others become text.</summary>
internal static class HeaderValue
{
    const byte TextType = 1;
    const byte TrueType = 2;
    const byte FalseType = 3;
    const byte Int64Type = 4;
    const byte Int32Type = 5;
    const byte DoubleType = 6;
    const byte GuidType = 7;
    const byte TimeType = 8;

    public static int Measure(in KeyValuePair<string, object> header) =>
        4 + Encoding.UTF8.GetByteCount(header.Key) + 1 + header.Value switch
        {
            bool => 0,
            int or short or byte or sbyte or ushort => 4,
            long or uint => 8,
            double or float => 8,
            Guid => 16,
            DateTimeOffset => 16,
            _ => 4 + Encoding.UTF8.GetByteCount(Text(header.Value)),
        };

    public static void Write(ref RecordWriter writer, in KeyValuePair<string, object> header)
    {
        writer.String(header.Key);
        switch (header.Value)
        {
            case bool value:
                writer.Byte(value ? TrueType : FalseType);
                break;
            case int or short or byte or sbyte or ushort:
                writer.Byte(Int32Type);
                writer.Int32(Convert.ToInt32(header.Value, CultureInfo.InvariantCulture));
                break;
            case long or uint:
                writer.Byte(Int64Type);
                writer.Int64(Convert.ToInt64(header.Value, CultureInfo.InvariantCulture));
                break;
            case double or float:
                writer.Byte(DoubleType);
                writer.Int64(BitConverter.DoubleToInt64Bits(Convert.ToDouble(header.Value, CultureInfo.InvariantCulture)));
                break;
            case Guid value:
                writer.Byte(GuidType);
                writer.Guid(value);
                break;
            case DateTimeOffset value:
                writer.Byte(TimeType);
                writer.Int64(value.Ticks);
                writer.Int64(value.Offset.Ticks);
                break;
            default:
                writer.Byte(TextType);
                writer.String(Text(header.Value));
                break;
        }
    }

    public static bool TryRead(ref RecordReader reader, out KeyValuePair<string, object> header)
    {
        header = default;
        if (!reader.String(out var name) || !reader.Byte(out var type) || !TryReadValue(ref reader, type, out var value))
            return false;

        header = new KeyValuePair<string, object>(name, value);
        return true;
    }

    static bool TryReadValue(ref RecordReader reader, byte type, out object value)
    {
        value = "";
        switch (type)
        {
            case TextType when reader.String(out var text):
                value = text;
                return true;
            case TrueType:
                value = true;
                return true;
            case FalseType:
                value = false;
                return true;
            case Int32Type when reader.Int32(out var number):
                value = number;
                return true;
            case Int64Type when reader.Int64(out var number):
                value = number;
                return true;
            case DoubleType when reader.Int64(out var bits):
                value = BitConverter.Int64BitsToDouble(bits);
                return true;
            case GuidType when reader.Guid(out var guid):
                value = guid;
                return true;
            case TimeType when reader.Int64(out var ticks) && reader.Int64(out var offset):
                return TryReadTime(ticks, offset, out value);
            default:
                return false;
        }
    }

    static bool TryReadTime(long ticks, long offset, out object value)
    {
        value = "";
        if (offset % TimeSpan.TicksPerMinute != 0)
            return false;

        try
        {
            value = new DateTimeOffset(ticks, TimeSpan.FromTicks(offset));
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            // Ticks, offset or their sum are out of range, so the record is damaged.
            return false;
        }
    }

    /// <summary>
    /// Returns the types of values, other than text, that may hold the given text when they are written out, one digit a type.
    /// </summary>
    public static string TypesWith(string text)
    {
        ReadOnlySpan<(byte Type, bool MayHold)> types =
        [
            (TrueType, bool.TrueString.Contains(text, StringComparison.Ordinal)),
            (FalseType, bool.FalseString.Contains(text, StringComparison.Ordinal)),
            (Int64Type, Fits(text, "-ddddddddddddddddddd")),
            (Int32Type, Fits(text, "-dddddddddd")),
            (DoubleType, text.All(x => char.IsAsciiDigit(x) || x is '.' or '+' or '-' or 'E')
                || "-Infinity".Contains(text, StringComparison.Ordinal) || "NaN".Contains(text, StringComparison.Ordinal)),
            (GuidType, Fits(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")),
            (TimeType, Fits(text, "dd/dd/dddd dd:dd:dd sdd:dd")),
        ];
        var found = new StringBuilder();
        foreach (var (type, mayHold) in types)
        {
            if (mayHold)
                found.Append(type);
        }

        return found.ToString();
    }

    /// <summary>True if the text is a part of what a pattern describes: d is a digit, x a hexadecimal one, s a sign.</summary>
    static bool Fits(string text, string pattern)
    {
        for (var first = 0; first + text.Length <= pattern.Length; first++)
        {
            var at = 0;
            while (at < text.Length && pattern[first + at] switch
            {
                'd' => char.IsAsciiDigit(text[at]),
                'x' => char.IsAsciiHexDigitLower(text[at]),
                's' => text[at] is '+' or '-',
                var other => text[at] == other,
            })
                at++;
            if (at == text.Length)
                return true;
        }

        return false;
    }

    static string Text(object value) => value switch
    {
        string text => text,
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
