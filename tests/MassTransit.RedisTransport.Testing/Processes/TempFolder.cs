namespace MassTransit.RedisTransport.Testing.Processes;

/// <summary>A folder that is deleted when disposed, and at the latest when the test process ends.</summary>
public sealed class TempFolder : IDisposable
{
    public TempFolder(string name)
    {
        Path = Directory.CreateTempSubdirectory($"mt-{name}-").FullName;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        Delete();
    }

    void OnProcessExit(object? sender, EventArgs e) => Delete();

    void Delete()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A server that is just ending may still write; the system clears its temporary folder itself.
        }
    }
}
