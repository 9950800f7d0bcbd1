using System.Reflection;
using System.Security.Cryptography;

namespace MassTransit.RedisTransport.Dashboard.Assets;

/// <summary>A file of the assembly. Its address contains a hash of its content, so that a browser keeps it until it changes.</summary>
internal sealed class AssetFile
{
    public static readonly AssetFile Style = Read("dashboard.css", "text/css; charset=utf-8");
    public static readonly AssetFile Script = Read("dashboard.js", "text/javascript; charset=utf-8");
    public static readonly AssetFile Icon = Read("icon.svg", "image/svg+xml");

    public static readonly IReadOnlyList<AssetFile> All = [Style, Script, Icon];

    AssetFile(string name, string contentType, byte[] content)
    {
        Name = name;
        ContentType = contentType;
        Content = content;
        Hash = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));
    }

    public string Name { get; }

    public string ContentType { get; }

    public ReadOnlyMemory<byte> Content { get; }

    public string Hash { get; }

    static AssetFile Read(string name, string contentType)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly has no {name}.");
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return new AssetFile(name, contentType, content.ToArray());
    }
}
