using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Embedded;

/// <summary>How an <see cref="EmbeddedRedis"/> listens, and whether it keeps its data.</summary>
public sealed class EmbeddedRedisOptions
{
    /// <summary>
    /// The TCP port on 127.0.0.1. Default 0: any free port, chosen anew at each start. A given port lets other processes of this machine
    /// find the server, but a second server cannot use it.
    /// </summary>
    public int Port { get; set; }

    /// <summary>
    /// The password that clients need. Default <c>null</c>: a new random one at each start, which
    /// <see cref="EmbeddedRedis.ConnectionString"/> contains. Set one if other processes are to connect. Empty: no password, and everything
    /// that reaches the port may run every command. That includes any web page that is open on this machine, because the server reads a
    /// browser's request as commands.
    /// </summary>
    public string? Password { get; set; }

    /// <summary>
    /// The folder that keeps the data. A missing folder is created with access for this user only. The same access is set on a folder that
    /// is empty or holds an earlier server's data; a folder that holds anything else keeps its permissions. Default <c>null</c>: memory
    /// only, and all data is lost when the server stops. With a folder every write is appended to a file within 20 ms, and the next server
    /// that is started on the folder begins with that data: every acknowledged write if the last server was disposed, all but the last 20
    /// ms if its process was killed. This costs about 3% of a processor, even when idle. Only one running server can use a folder.
    /// </summary>
    public string? DataFolder { get; set; }

    /// <summary>
    /// The size of the append-only file, in MiB, at which it is replaced by a snapshot. Default 512, at least 64; without
    /// <see cref="DataFolder"/> it has no effect. Less: more snapshots, each of which blocks writes while all data is written (200,000
    /// messages of 1 KB: about 6 s). More: a slower start and more disk space.
    /// </summary>
    public int AppendLogLimitMegabytes { get; set; } = 512;

    /// <summary>The logger factory of the server. Default <c>null</c>: it does not log.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The errors, each with the option, its value and the cure.</summary>
    internal IEnumerable<(string Option, string Problem)> Problems()
    {
        if (Port is < 0 or > 65535)
            yield return (nameof(Port), $"is {Port}: use 1 to 65535, or 0 for any free port");
        if (Password?.Any(x => x is ',' or '"' or '\'' || char.IsWhiteSpace(x)) == true)
            yield return (nameof(Password), "has a character that no connection string can hold: leave out commas, quotes and white space");
        if (DataFolder is not null && string.IsNullOrWhiteSpace(DataFolder))
            yield return (nameof(DataFolder), "is blank: name a folder, or use null to keep the data in memory only");
        if (AppendLogLimitMegabytes is < 64 or > 1024 * 1024)
            yield return (nameof(AppendLogLimitMegabytes), $"is {AppendLogLimitMegabytes}: use 64 to 1048576");
    }
}
