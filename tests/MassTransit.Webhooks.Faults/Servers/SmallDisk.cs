using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Faults.Scenarios;

namespace MassTransit.Webhooks.Faults.Servers;

/// <summary>A disk of 64 MB in memory, which can be filled to the last byte.</summary>
internal sealed class SmallDisk : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    readonly TempFolder _folder;

    SmallDisk(TempFolder folder) => _folder = folder;

    public string Path => _folder.Path;

    /// <exception cref="NotOnThisMachineException">Only root may mount.</exception>
    public static SmallDisk Mount()
    {
        var folder = new TempFolder("disk");
        if (Executable.Find("mount") is { } mount
            && Executable.Run(mount, Limit, "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder.Path) is not null)
            return new SmallDisk(folder);
        folder.Dispose();
        throw new NotOnThisMachineException("a tmpfs cannot be mounted here (root may)");
    }

    public void Fill()
    {
        using var file = new FileStream(_folder.File("ballast"), FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var size = 1 << 20;
        while (size > 0)
        {
            try
            {
                file.Write(new byte[size]);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void Empty() => File.Delete(_folder.File("ballast"));

    public void Dispose()
    {
        if (Executable.Find("umount") is { } umount)
            Executable.Run(umount, Limit, "-l", _folder.Path);
        _folder.Dispose();
    }
}
