using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks;

/// <summary>
/// Derives a message id from (receiver, webhook id): the first 16 bytes of a SHA-256, marked as a UUID of version 8
/// (RFC 9562, section 5.8: custom content). The length in front keeps ("a", "bc") and ("ab", "c") apart.
/// </summary>
internal static class WebhookMessageId
{
    public static Guid Create(string receiver, string id)
    {
        var receiverLength = Encoding.UTF8.GetByteCount(receiver);
        var input = new byte[4 + receiverLength + Encoding.UTF8.GetByteCount(id)];
        BinaryPrimitives.WriteInt32BigEndian(input, receiverLength);
        Encoding.UTF8.GetBytes(receiver, input.AsSpan(4));
        Encoding.UTF8.GetBytes(id, input.AsSpan(4 + receiverLength));

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
