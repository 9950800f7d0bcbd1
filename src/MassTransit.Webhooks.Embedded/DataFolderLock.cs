namespace MassTransit.Webhooks.Embedded;

/// <summary>Makes sure that a data folder can be written, and that one server at a time does so.</summary>
internal sealed class DataFolderLock : IDisposable
{
    readonly FileStream _file;

    DataFolderLock(string path, FileStream file)
    {
        Path = path;
        _file = file;
    }

    public string Path { get; }

    public void Dispose() => _file.Dispose();

    /// <exception cref="InvalidOperationException">The folder cannot be written, or another server uses it.</exception>
    public static DataFolderLock Take(string folder)
    {
        var path = System.IO.Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(path);
            // The operating system lets go of the lock when the process dies, however it dies.
            var file = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new DataFolderLock(path, file);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw NotWritable(path, exception);
        }
        catch (IOException exception)
        {
            if (File.Exists(System.IO.Path.Combine(path, "lock")))
            {
                throw new InvalidOperationException(
                    $"The data folder '{path}' is used by another embedded server. Stop that one, or give EmbeddedRedisOptions.DataFolder another folder.",
                    exception);
            }

            throw NotWritable(path, exception);
        }
    }

    static InvalidOperationException NotWritable(string path, Exception exception) =>
        new($"The data folder '{path}' cannot be written ({exception.Message}). Give EmbeddedRedisOptions.DataFolder a folder that this user may write, "
            + "or null to keep the data in memory only.", exception);
}
