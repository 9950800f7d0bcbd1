using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks;

/// <summary>
/// Derives a message id from what makes a webhook that webhook: the first 16 bytes of a SHA-256, marked as a UUID of version 8
/// (RFC 9562, section 5.8: custom content). The lengths in front keep ("a", "bc") and ("ab", "c") apart.
/// </summary>
internal static class WebhookMessageId
{
    /// <summary>Begins what is hashed where there is more than receiver and id: no length is negative.</summary>
    const int More = -1;

    public static Guid Create(string receiver, string? tenant, string id, string? content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (tenant is null && content is null)
        {
            // As it has always been: the ids of webhooks that applications publish do not change.
            Append(hash, receiver);
            hash.AppendData(Encoding.UTF8.GetBytes(id));
        }
        else
        {
            Append(hash, More);
            Append(hash, receiver);
            AppendOptional(hash, tenant);
            Append(hash, id);
            AppendOptional(hash, content);
        }

        return Create(hash);
    }

    /// <summary>The first 16 bytes of what has been hashed, as a UUID.</summary>
    public static Guid Create(IncrementalHash hash)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes[..16], bigEndian: true);
    }

    public static void Append(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        hash.AppendData(bytes);
    }

    public static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Append(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    public static void AppendOptional(IncrementalHash hash, string? text)
    {
        if (text is null)
            Append(hash, -1);
        else
            Append(hash, text);
    }
}
