using System.Globalization;
using System.Text;

namespace MassTransit.RedisTransport.Dashboard.Payloads;

/// <summary>Bytes in rows of 16: the place, the bytes, and what of them is ASCII.</summary>
internal static class HexDump
{
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length * 5);
        for (var row = 0; row < bytes.Length; row += 16)
        {
            var part = bytes.Slice(row, Math.Min(16, bytes.Length - row));
            text.Append(CultureInfo.InvariantCulture, $"{row:x8} ");
            for (var i = 0; i < 16; i++)
            {
                if (i % 8 == 0)
                    text.Append(' ');
                text.Append(i < part.Length ? part[i].ToString("x2", CultureInfo.InvariantCulture) : "  ").Append(' ');
            }

            text.Append(' ');
            foreach (var b in part)
                text.Append(b is >= 0x20 and < 0x7F ? (char)b : '.');
            text.Append('\n');
        }

        return text.ToString();
    }
}
