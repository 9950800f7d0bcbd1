using MassTransit.RedisTransport.Testing;
using YamlDotNet.RepresentationModel;

namespace MassTransit.Webhooks.Compose.Tests.Support;

/// <summary>The files under test, where they lie in the repository.</summary>
static class ComposeFiles
{
    public static string Root { get; } = Repository.Root;

    public static string Compose => Path("compose.yaml");

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, "compose", .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(Path(parts));

    public static YamlMappingNode[] Documents(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(x => (YamlMappingNode)x.RootNode)];
    }

    /// <summary>The services of the compose file, merge keys resolved.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, YamlNode>> Services()
    {
        var services = (YamlMappingNode)Documents(Read("compose.yaml")).Single()["services"];
        return services.ToDictionary(x => x.Key.ToString(), x => Merged((YamlMappingNode)x.Value));
    }

    /// <summary>The command of a service, word for word.</summary>
    public static string[] Command(string service) => [.. ((YamlSequenceNode)Services()[service]["command"]).Select(x => x.ToString())];

    public static Dictionary<string, YamlNode> Merged(YamlMappingNode node)
    {
        var merged = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var (key, value) in node)
        {
            if (key.ToString() != "<<")
                continue;
            foreach (var (name, inherited) in Merged((YamlMappingNode)value))
                merged[name] = inherited;
        }

        foreach (var (key, value) in node)
        {
            if (key.ToString() != "<<")
                merged[key.ToString()] = value;
        }

        return merged;
    }
}
