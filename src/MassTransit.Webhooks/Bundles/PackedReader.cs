using System.Buffers.Binary;
using System.Text;

namespace MassTransit.Webhooks;

/// <summary>Reads what <see cref="WebhookPacker"/> has written: every length is compared with the bytes there are before anything is allocated for it.</summary>
internal ref struct PackedReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _left = bytes;

    /// <summary>How many bytes have not been read.</summary>
    public readonly int Left => _left.Length;

    public byte ReadByte() => Take(1)[0];

    public bool ReadBoolean() => ReadByte() switch
    {
        0 => false,
        1 => true,
        _ => throw Damaged("a byte says neither that a text is there nor that it is not"),
    };

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    /// <summary>A number in 7 bits a byte, the lowest first.</summary>
    public int ReadNumber()
    {
        uint number = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = ReadByte();
            // Of the fifth byte only 4 bits fit.
            if (shift == 28 && part > 0x0F)
                break;
            number |= (uint)(part & 0x7F) << shift;
            if (part < 0x80)
                return (int)number;
        }

        throw Damaged("a number does not end");
    }

    /// <summary>How many of something there are, each of which takes some bytes at least.</summary>
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
