using System.Security.Cryptography;
using System.Text;

namespace Quickstart.Sending;

/// <summary>What the senders do on their side.</summary>
static class Signatures
{
    /// <summary>GitHub: the body alone, in hex.</summary>
    public static string GitHub(string secret, ReadOnlySpan<byte> body) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}";

    /// <summary>Standard Webhooks: id, time and body, in base64.</summary>
    public static string Standard(string secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}";
    }
}
