namespace MassTransit.RedisTransport.Dashboard.Payloads;

/// <summary>Cuts UTF-8 between characters.</summary>
internal static class Utf8Text
{
    public static ReadOnlySpan<byte> Head(ReadOnlySpan<byte> utf8, int length)
    {
        if (utf8.Length <= length)
            return utf8;
        while (length > 0 && (utf8[length] & 0xC0) == 0x80)
            length--;
        return utf8[..length];
    }
}
