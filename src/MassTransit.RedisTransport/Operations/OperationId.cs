using System.Buffers;
using System.Security.Cryptography;
using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.Operations;

/// <summary>The id of an operation, which names its dead-letter queue: <c>orders_error~3f9c2a71b2d0</c>.</summary>
internal static class OperationId
{
    const char Separator = '~';
    const int Digits = 12;

    static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    public static string New(string queue) => queue + Separator + RandomNumberGenerator.GetHexString(Digits, lowercase: true);

    public static bool IsId(string id)
    {
        var end = id.LastIndexOf(Separator);
        return end > 0 && id.Length - end - 1 == Digits && !id.AsSpan(end + 1).ContainsAnyExcept(Hex)
            && QueueName.IsValid(id[..end]);
    }

    /// <exception cref="ArgumentException">This is no id.</exception>
    public static string QueueOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return IsId(id)
            ? id[..id.LastIndexOf(Separator)]
            : throw new ArgumentException("This is no id of an operation: give the Id that ListAsync shows.", nameof(id));
    }
}
