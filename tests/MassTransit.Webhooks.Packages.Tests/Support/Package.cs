using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace MassTransit.Webhooks.Packages.Tests.Support;

/// <summary>A package as it would be published, read from its file.</summary>
sealed class Package
{
    readonly Dictionary<string, byte[]> _files = [];
    readonly XElement _metadata;

    public Package(string file)
    {
        using var archive = ZipFile.OpenRead(file);
        foreach (var entry in archive.Entries)
        {
            using var content = new MemoryStream();
            using var stream = entry.Open();
            stream.CopyTo(content);
            _files[entry.FullName] = content.ToArray();
        }

        using var nuspec = new MemoryStream(_files.Single(x => x.Key.EndsWith(".nuspec", StringComparison.Ordinal)).Value);
        _metadata = XDocument.Load(nuspec).Root!.Elements().Single(x => x.Name.LocalName == "metadata");
        HasSymbols = File.Exists(Path.ChangeExtension(file, ".snupkg"));
    }

    public string Id => Text("id");

    public string Version => Text("version");

    /// <summary>True if a package of symbols lies beside it.</summary>
    public bool HasSymbols { get; }

    /// <summary>True if it is installed as a command, with everything that it needs inside.</summary>
    public bool IsTool => _metadata.Descendants().Any(x => x.Name.LocalName == "packageType" && x.Attribute("name")?.Value == "DotnetTool");

    /// <summary>What it asks for: ids, and versions or ranges of them.</summary>
    public IReadOnlyDictionary<string, string> Dependencies => _metadata.Descendants().Where(x => x.Name.LocalName == "dependency")
        .ToDictionary(x => x.Attribute("id")!.Value, x => x.Attribute("version")!.Value);

    /// <summary>The name of the assembly in it, which no prefix changes.</summary>
    public string Assembly => Path.GetFileNameWithoutExtension(AssemblyFile.Key);

    /// <summary>The assemblies that may use its internals.</summary>
    public IReadOnlyList<string> Friends
    {
        get
        {
            using var portable = new PEReader([.. AssemblyFile.Value]);
            var reader = portable.GetMetadataReader();
            return [.. reader.GetAssemblyDefinition().GetCustomAttributes().Select(reader.GetCustomAttribute)
                .Where(x => Name(reader, x) == "InternalsVisibleToAttribute").Select(x => FirstArgument(reader, x))];
        }
    }

    /// <summary>A library has one assembly, a tool that which its description says is started.</summary>
    KeyValuePair<string, byte[]> AssemblyFile => IsTool
        ? _files.Single(x => x.Key.EndsWith($"/any/{EntryPoint}", StringComparison.Ordinal))
        : _files.Single(x => x.Key.StartsWith("lib/", StringComparison.Ordinal) && x.Key.EndsWith(".dll", StringComparison.Ordinal));

    string EntryPoint
    {
        get
        {
            using var settings = new MemoryStream(
                _files.Single(x => x.Key.EndsWith("/DotnetToolSettings.xml", StringComparison.Ordinal)).Value);
            return XDocument.Load(settings).Descendants("Command").Single().Attribute("EntryPoint")!.Value;
        }
    }

    public byte[]? Content(string name) => _files.GetValueOrDefault(name);

    /// <summary>An element of the metadata; empty if there is none.</summary>
    public string Text(string name) => _metadata.Elements().SingleOrDefault(x => x.Name.LocalName == name)?.Value ?? "";

    /// <summary>An attribute of an element of the metadata; empty if there is none.</summary>
    public string Text(string name, string attribute) =>
        _metadata.Elements().SingleOrDefault(x => x.Name.LocalName == name)?.Attribute(attribute)?.Value ?? "";

    public override string ToString() => $"{Id} {Version}";

    static string Name(MetadataReader reader, CustomAttribute attribute) => attribute.Constructor.Kind == HandleKind.MemberReference
        && reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } type
            ? reader.GetString(reader.GetTypeReference((TypeReferenceHandle)type).Name) : "";

    static string FirstArgument(MetadataReader reader, CustomAttribute attribute)
    {
        var blob = reader.GetBlobReader(attribute.Value);
        // The prolog of every attribute's value.
        blob.ReadUInt16();
        return blob.ReadSerializedString()!;
    }
}
