using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks;

/// <summary>
/// Collects the parts of an identity and hashes them in one step, without allocating an object for each webhook. A length in front of each
/// part distinguishes ("a", "bc") from ("ab", "c"). <see cref="Dispose"/> returns the buffer that it rented if the caller's one was too
/// short.
/// </summary>
internal ref struct IdentityHash(Span<byte> buffer)
{
    Span<byte> _buffer = buffer;
    byte[]? _rented;
    int _length;

    public void Append(int number) => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), number);

    /// <summary>Appends a text with its length in front. For an absent text it appends the length -1, which no text has.</summary>
    public void Append(string? text)
    {
        if (text is null)
        {
            Append(-1);
            return;
        }

        Append(Encoding.UTF8.GetByteCount(text));
        AppendBare(text);
    }

    /// <summary>Appends a text without its length. Use it only for the last part.</summary>
    public void AppendBare(string text) => Encoding.UTF8.GetBytes(text, Take(Encoding.UTF8.GetByteCount(text)));

    public void AppendBare(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <param name="hash">32 bytes.</param>
    public readonly void Hash(Span<byte> hash) => SHA256.HashData(_buffer[.._length], hash);

    /// <summary>Returns the first 16 bytes of the hash, marked as a UUID of version 8 (RFC 9562, section 5.8: custom content).</summary>
    public readonly Guid ToGuid()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    public void Dispose()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = null;
    }

    Span<byte> Take(int length)
    {
        if (_length + length > _buffer.Length)
        {
            var longer = ArrayPool<byte>.Shared.Rent(Math.Max(_length + length, _buffer.Length * 2));
            _buffer[.._length].CopyTo(longer);
            Dispose();
            _buffer = _rented = longer;
        }

        var taken = _buffer.Slice(_length, length);
        _length += length;
        return taken;
    }
}
