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
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (IOException) when (attempt < 10)
            {
                // A server that is just ending may still write.
                Thread.Sleep(50);
            }
            catch (IOException)
            {
                // The system clears its temporary folder itself.
                return;
            }
        }
    }
}
