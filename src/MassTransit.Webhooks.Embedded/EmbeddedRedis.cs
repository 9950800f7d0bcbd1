using System.Net;
using System.Security.Cryptography;
using Garnet;
using Garnet.server;

namespace MassTransit.Webhooks.Embedded;

/// <summary>
/// A Redis-compatible server (Microsoft.Garnet) inside this process, reachable from this machine only. It is meant for samples, tests and
/// development machines on which nothing is to be installed. In production run Redis or Valkey.
/// </summary>
/// <remarks>
/// It supports what the transport needs: lists, sets, sorted sets, hashes, strings, pub/sub and Lua. It supports no streams and no
/// functions. Clients need its password, which <see cref="ConnectionString"/> contains.
/// </remarks>
public sealed class EmbeddedRedis : IAsyncDisposable
{
    readonly GarnetServer _server;
    readonly GarnetServerTcp _listener;
    readonly DataFolderLock? _dataFolder;
    int _disposed;

    EmbeddedRedis(GarnetServer server, GarnetServerTcp listener, int port, string password, DataFolderLock? dataFolder)
    {
        _server = server;
        _listener = listener;
        _dataFolder = dataFolder;
        Port = port;
        Password = password;
    }

    /// <summary>The port on 127.0.0.1 that the server listens on.</summary>
    public int Port { get; }

    /// <summary>The address that the server listens on.</summary>
    public EndPoint EndPoint => new IPEndPoint(IPAddress.Loopback, Port);

    /// <summary>The password that clients need. Empty if none is needed.</summary>
    public string Password { get; }

    /// <summary>
    /// The connection string for clients, such as <c>127.0.0.1:40123,password=…</c>. It contains the password, so keep it out of logs.
    /// </summary>
    public string ConnectionString => Password.Length == 0 ? $"127.0.0.1:{Port}" : $"127.0.0.1:{Port},password={Password}";

    /// <summary>Starts a server and returns when it accepts connections. If it has a data folder, it reads the data in it first.</summary>
    /// <param name="options">Port, data folder and logging; <c>null</c> for a free port and memory only.</param>
    /// <param name="cancellationToken">Cancels before the start; a start that is under way is finished.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">
    /// The port is in use; or the data folder cannot be written, is used by another server, or holds data that cannot be read.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<EmbeddedRedis> StartAsync(EmbeddedRedisOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new EmbeddedRedisOptions();
        var problems = string.Join(' ', options.Problems().Select(x => $"In {nameof(EmbeddedRedisOptions)}, {x.Option} {x.Problem}."));
        if (problems.Length > 0)
            throw new ArgumentException(problems, nameof(options));
        // Reading the data back is synchronous and may take seconds.
        return Task.Run(() => Start(options), cancellationToken);
    }

    /// <summary>
    /// Stops the server and closes its connections. Every acknowledged write is in the data folder afterwards, if there is one.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        // Closes the connections before the commit, so that every write that was acknowledged is in the file.
        try
        {
            await Task.Run(_listener.Dispose).ConfigureAwait(false);
            if (_dataFolder is not null)
                await _server.Store.CommitAOFAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            await Task.Run(_server.Dispose).ConfigureAwait(false);
            _dataFolder?.Close();
            _dataFolder?.Dispose();
        }
    }

    static EmbeddedRedis Start(EmbeddedRedisOptions options)
    {
        var folder = options.DataFolder is null ? null : DataFolderLock.Take(options.DataFolder);
        GarnetServer? server = null;
        try
        {
            using var reservation = PortReservation.Take(options.Port);
            var password = options.Password ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            var settings = GarnetSettings.Create(options, reservation.Port, password, folder?.Path);
            var listener = new GarnetServerTcp(settings.EndPoints[0], logger: options.LoggerFactory?.CreateLogger("Garnet.Network"));
            server = new GarnetServer(settings, options.LoggerFactory, [listener]);
            server.Start();
            folder?.Close();
            return new EmbeddedRedis(server, listener, reservation.Port, password, folder);
        }
        catch (Exception exception)
        {
            server?.Dispose();
            folder?.Dispose();
            if (exception is InvalidOperationException || folder is null)
                throw;
            throw new InvalidOperationException(
                $"The data in '{folder.Path}' cannot be read ({exception.Message}). Give EmbeddedRedisOptions.DataFolder another folder, "
                + "or delete this one if its messages are not needed.", exception);
        }
    }
}
