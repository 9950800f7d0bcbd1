using System.Security.Cryptography;
using System.Text;

namespace MassTransit.RedisTransport.Scripts;

/// <summary>One atomic operation, with its text and the hash by which the server knows it.</summary>
internal sealed class RedisScript
{
    public RedisScript(string name, string text)
    {
        Name = name;
        Text = text;
#pragma warning disable CA5350 // The protocol identifies scripts by SHA-1; nothing secret depends on it.
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    public string Name { get; }

    public string Text { get; }

    public byte[] Hash { get; }
}
