using System.Text;

namespace MassTransit.RedisTransport.UnitTests.Keyspace;

/// <summary>The cluster slot of a key as the Redis cluster specification computes it (CRC16/XMODEM of the hash tag).</summary>
internal static class ClusterSlot
{
    public static int Of(string key)
    {
        var open = key.IndexOf('{', StringComparison.Ordinal);
        if (open >= 0)
        {
            var close = key.IndexOf('}', open + 1);
            if (close > open + 1)
                key = key[(open + 1)..close];
        }

        return Crc16(Encoding.UTF8.GetBytes(key)) % 16384;
    }

    public static int Crc16(ReadOnlySpan<byte> bytes)
    {
        var crc = 0;
        foreach (var value in bytes)
        {
            crc ^= value << 8;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 0x8000) != 0 ? ((crc << 1) ^ 0x1021) & 0xFFFF : (crc << 1) & 0xFFFF;
        }

        return crc;
    }
}
