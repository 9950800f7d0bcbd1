using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The SHA-256 of a body, in hex, as a parameter of a signed address.</summary>
internal static class BodyHash
{
    public static bool Matches(string address, string parameter, ReadOnlySpan<byte> body)
    {
        var question = address.IndexOf('?', StringComparison.Ordinal);
        if (question < 0)
            return false;
        // Of a parameter that comes twice nobody knows which one another reader takes.
        var values = QueryHelpers.ParseQuery(address[question..]).GetValueOrDefault(parameter);
        if (values.Count != 1 || CodeDecoder.DecodeHex(values[0], anyCase: true) is not { } offered)
            return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        return CryptographicOperations.FixedTimeEquals(hash, offered);
    }
}
