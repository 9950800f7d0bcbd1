using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Embedded;

/// <summary>How an <see cref="EmbeddedRedis"/> listens, and whether it keeps its data.</summary>
public sealed class EmbeddedRedisOptions
{
    /// <summary>
    /// The TCP port on 127.0.0.1. Default 0: any free port, chosen anew at each start. A given port lets other processes
    /// of this machine find the server, but a second server cannot use it.
    /// </summary>
    public int Port { get; set; }

    /// <summary>
    /// What clients must say before they may do anything. Default <c>null</c>: a random one, another at each start, which
    /// <see cref="EmbeddedRedis.ConnectionString"/> has. Give one where other processes are to find the server. Empty: none, and whatever reaches
    /// the port may do everything, which includes any web page that is open on this machine: a browser's request is read as commands.
    /// </summary>
    public string? Password { get; set; }

    /// <summary>
    /// The folder that keeps the data; created when missing, for this user alone. One that is there, and holds nothing or an earlier server's data, is closed to
    /// others too; one that holds anything else is left as it is. Default <c>null</c>: memory only, everything is gone with
    /// the server. With a folder every write is appended to a file there within 20 ms, and a server that is started on
    /// the same folder begins with what the last one held: everything acknowledged if that one was disposed, all but the
    /// last 20 ms if its process was killed. It costs about 3% of a processor, also when idle. One folder serves one
    /// running server.
    /// </summary>
    public string? DataFolder { get; set; }

    /// <summary>
    /// How much the append-only file may hold, in MiB, before it is replaced by a snapshot. Default 512, at least 64;
    /// of no effect without <see cref="DataFolder"/>. Less: more snapshots, each of which holds writes up for as long as
    /// what is stored takes to write (200,000 messages of 1 KB: about 6 s). More: a slower start and more disk.
    /// </summary>
    public int AppendLogLimitMegabytes { get; set; } = 512;

    /// <summary>Where the server logs to. Default <c>null</c>: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    internal void Validate()
    {
        if (Port is < 0 or > 65535)
        {
            throw new ArgumentOutOfRangeException(nameof(Port), Port,
                $"EmbeddedRedisOptions.Port is {Port}: use 1 to 65535, or 0 for any free port.");
        }

        if (Password?.Any(x => x is ',' or '"' or '\'' || char.IsWhiteSpace(x)) == true)
        {
            throw new ArgumentException(
                "EmbeddedRedisOptions.Password has a character that no connection string can hold: leave out commas, quotes and white space.", nameof(Password));
        }

        if (DataFolder is not null && string.IsNullOrWhiteSpace(DataFolder))
        {
            throw new ArgumentException(
                "EmbeddedRedisOptions.DataFolder is blank: name a folder, or use null to keep the data in memory only.", nameof(DataFolder));
        }

        if (AppendLogLimitMegabytes is < 64 or > 1024 * 1024)
        {
            throw new ArgumentOutOfRangeException(nameof(AppendLogLimitMegabytes), AppendLogLimitMegabytes,
                $"EmbeddedRedisOptions.AppendLogLimitMegabytes is {AppendLogLimitMegabytes}: use 64 to 1048576.");
        }
    }
}
