using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.Webhooks.Packages.Tests.Support;

/// <summary>
/// The packages, packed from what the build made. A copy of src/ is packed, outside the repository: whoever builds there meanwhile is not
/// disturbed, and no file of the repository changes.
/// </summary>
public sealed class PackedSource : IAsyncLifetime
{
    readonly TempFolder _folder = new("packages");

    /// <summary>No package of this name is in any cache, of a run before for example.</summary>
    readonly string _suffix = $"test.{Guid.NewGuid():N}";

    string Source => _folder.File("source");

    /// <summary>The folder that the packages are in.</summary>
    public string Folder => _folder.File("packed");

    /// <summary>The version of all of them.</summary>
    public string Version => $"{Build.Version}-{_suffix}";

    internal IReadOnlyList<Package> Packages { get; private set; } = [];

    public async Task InitializeAsync()
    {
        Copy();
        Packages = await PackAsync(Folder);
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    internal Task<IReadOnlyList<Package>> PackWithPrefixAsync(string prefix) =>
        // The lock files name the projects' ids, which are others now.
        PackAsync(_folder.File($"packed-{prefix}"), $"-p:PackagePrefix={prefix}", "-p:RestoreLockedMode=false");

    async Task<IReadOnlyList<Package>> PackAsync(string folder, params string[] properties)
    {
        // `dotnet pack --no-build` would not restore what is a copy. Locked: this fails if a lock file is not what the projects ask for.
        await Dotnet.RunAsync(Source, null,
        [
            "msbuild", "src.slnx", "-restore", "-t:Pack", "-m", "-v:q", "-nologo", "-p:NoBuild=true", "-p:RestoreLockedMode=true",
            $"-p:Configuration={Build.Configuration}", $"-p:PackageOutputPath={folder}", $"-p:VersionSuffix={_suffix}", .. properties
        ]);
        return [.. Directory.GetFiles(folder, "*.nupkg").Order().Select(x => new Package(x))];
    }

    void Copy()
    {
        Directory.CreateDirectory(Source);
        foreach (var file in Directory.GetFiles(Build.Repository, "Directory.*.props")
            .Append(Path.Combine(Build.Repository, "global.json")))
            File.Copy(file, Path.Combine(Source, Path.GetFileName(file)));
        CopyFolder(Path.Combine(Build.Repository, "src"), Path.Combine(Source, "src"));
        foreach (var project in Build.Projects)
            CopyAssembly(project);
        var projects = Build.Projects.Select(x => $"""<Project Path="src/{x}/{x}.csproj" />""");
        File.WriteAllText(Path.Combine(Source, "src.slnx"), $"<Solution>{string.Concat(projects)}</Solution>");
    }

    /// <summary>
    /// A tool is published, and that takes the assembly and its executable file from where the compiler has written them.
    /// </summary>
    void CopyAssembly(string project)
    {
        string[] names = [$"{project}.dll", $"{project}.pdb", "apphost"];
        var built = Path.Combine(Build.Repository, "src", project, "obj", Build.Configuration);
        foreach (var file in Directory.GetFiles(built, "*", SearchOption.AllDirectories)
            .Where(x => names.Contains(Path.GetFileName(x)) && Path.GetFileName(Path.GetDirectoryName(x)) is not ("ref" or "refint")))
        {
            var copy = Path.Combine(Source, Path.GetRelativePath(Build.Repository, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        // obj/ is what the restore of the copy makes.
        foreach (var folder in Directory.GetDirectories(from).Where(x => Path.GetFileName(x) != "obj"))
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
