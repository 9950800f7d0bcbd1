namespace MassTransit.RedisTransport.Testing;

/// <summary>
/// The repository that the tests run in. It is found from the folder of the assembly, because a build for release has no real paths in it.
/// </summary>
static class Repository
{
    public static string Root { get; } = Find();

    static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MassTransit.Webhooks.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return folder;
    }
}
