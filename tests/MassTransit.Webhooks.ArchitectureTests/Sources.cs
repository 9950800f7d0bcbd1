using MassTransit.RedisTransport.Testing;

namespace MassTransit.Webhooks.ArchitectureTests;

/// <summary>The sources that the assemblies under test were compiled from.</summary>
static class Sources
{
    /// <summary>The C# files of a package, each with its path below the package's folder, with slashes.</summary>
    public static IEnumerable<(string Path, string Text)> Of(string package)
    {
        var folder = Path.Combine(Repository.Root, "src", package);
        foreach (var file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var path = Path.GetRelativePath(folder, file).Replace('\\', '/');
            if (!path.StartsWith("obj/", StringComparison.Ordinal) && !path.StartsWith("bin/", StringComparison.Ordinal))
                yield return (path, File.ReadAllText(file));
        }
    }
}
