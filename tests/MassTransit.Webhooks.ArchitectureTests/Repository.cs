using System.Runtime.CompilerServices;

namespace MassTransit.Webhooks.ArchitectureTests;

/// <summary>The sources that the assemblies under test were compiled from.</summary>
static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", ".."));

    /// <summary>The C# files of a package, each with its path below the package's folder, with slashes.</summary>
    public static IEnumerable<(string Path, string Text)> SourcesOf(string package)
    {
        var folder = Path.Combine(Root, "src", package);
        foreach (var file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var path = Path.GetRelativePath(folder, file).Replace('\\', '/');
            if (!path.StartsWith("obj/", StringComparison.Ordinal) && !path.StartsWith("bin/", StringComparison.Ordinal))
                yield return (path, File.ReadAllText(file));
        }
    }

    static string Here([CallerFilePath] string path = "") => path;
}
