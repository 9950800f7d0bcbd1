namespace MassTransit.Webhooks.Embedded;

/// <summary>Locks a data folder, so that only one server at a time uses it, and checks that it can be written.</summary>
internal sealed class DataFolderLock : IDisposable
{
    const UnixFileMode ThisUserAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    readonly FileStream _file;
    readonly bool _isOurs;

    DataFolderLock(string path, FileStream file, bool isOurs)
    {
        Path = path;
        _file = file;
        _isOurs = isOurs;
    }

    public string Path { get; }

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// Makes the files in the folder readable for this user only, even if the user has opened the folder itself to others.
    /// </summary>
    public void Close()
    {
        if (!_isOurs || OperatingSystem.IsWindows())
            return;
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
        {
            try
            {
                File.SetUnixFileMode(file, ThisUserAlone);
            }
            catch (FileNotFoundException)
            {
                // The server has replaced the file meanwhile.
            }
        }
    }

    /// <exception cref="InvalidOperationException">The folder cannot be written, or another server uses it.</exception>
    public static DataFolderLock Take(string folder)
    {
        var path = System.IO.Path.GetFullPath(folder);
        try
        {
            var isOurs = CreateFolder(path);
            // The operating system releases this lock when the process ends, even if it crashes.
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = ThisUserAlone;
            return new DataFolderLock(path, new FileStream(System.IO.Path.Combine(path, "lock"), options), isOurs);
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
                    $"The data folder '{path}' is used by another embedded server. Stop that one, or give EmbeddedRedisOptions.DataFolder "
                        + "another folder.",
                    exception);
            }

            throw NotWritable(path, exception);
        }
    }

    /// <returns>True if the folder belongs to the server alone. A folder with other files in it keeps its permissions.</returns>
    static bool CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return true;
        }

        var mode = ThisUserAlone | UnixFileMode.UserExecute;
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, mode);
            return true;
        }

        if (!File.Exists(System.IO.Path.Combine(path, "lock")) && Directory.EnumerateFileSystemEntries(path).Any())
            return false;
        File.SetUnixFileMode(path, mode);
        return true;
    }

    static InvalidOperationException NotWritable(string path, Exception exception) =>
        new($"The data folder '{path}' cannot be written ({exception.Message}). Give EmbeddedRedisOptions.DataFolder a folder that this "
            + "user may write, or null to keep the data in memory only.", exception);
}
