using System.Reflection;

namespace MassTransit.Webhooks.Packages.Tests.Support;

/// <summary>What the build has told this assembly.</summary>
static class Build
{
    /// <summary>The root of the repository.</summary>
    public static string Repository => Metadata("Repository");

    /// <summary>Debug or Release: that of the tests, and so of what they pack.</summary>
    public static string Configuration => Metadata("Configuration");

    /// <summary>The folder that holds other people's packages, unpacked.</summary>
    public static string PackageFolder => Metadata("PackageFolder");

    /// <summary>The repository's address.</summary>
    public static string Address => Metadata("Address");

    /// <summary>The version of everything here, without the suffix of a pre-release.</summary>
    public static string Version => Metadata("Version");

    /// <summary>The projects of src/, by name.</summary>
    public static IEnumerable<string> Projects =>
        Directory.GetFiles(Path.Combine(Repository, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(x => Path.GetFileNameWithoutExtension(x)).Order();

    static string Metadata(string key) =>
        typeof(Build).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(x => x.Key == key).Value!;
}
