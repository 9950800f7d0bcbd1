using System.Buffers.Binary;
using System.Text;

namespace MassTransit.Webhooks;

/// <summary>
/// Reads what <see cref="WebhookPacker"/> has written. Every length is compared with the remaining bytes before memory is allocated for it.
/// </summary>
internal ref struct PackedReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _left = bytes;

    /// <summary>How many bytes have not been read yet.</summary>
    public readonly int Left => _left.Length;

    public byte ReadByte() => Take(1)[0];

    public bool ReadBoolean() => ReadByte() switch
    {
        0 => false,
        1 => true,
        _ => throw Damaged("a byte says neither that a text is there nor that it is not"),
    };

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    /// <summary>Reads a number with 7 bits in each byte, the lowest bits first.</summary>
    public int ReadNumber()
    {
        uint number = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = ReadByte();
            // Only 4 bits of the fifth byte fit into 32 bits.
            if (shift == 28 && part > 0x0F)
                break;
            number |= (uint)(part & 0x7F) << shift;
            if (part < 0x80)
                return (int)number;
        }

        throw Damaged("a number does not end");
    }

    /// <summary>Reads the number of items, of which each takes at least so many bytes.</summary>
    public int ReadCount(int bytesEach)
    {
        var count = ReadNumber();
        return count >= 0 && count <= Left / bytesEach ? count : throw Damaged("it names more than there is");
    }

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    public ReadOnlySpan<byte> ReadBytes() => Take(ReadNumber());

    public static FormatException Damaged(string how) => new($"The bundle of webhooks is damaged: {how}.");

    ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_left.Length)
            throw Damaged("it ends before its content does");

        var taken = _left[..length];
        _left = _left[length..];
        return taken;
    }
}
