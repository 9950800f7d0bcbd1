using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.RedisTransport.Testing;

/// <summary>
/// A TCP proxy on loopback between a client and a server, which fails on demand: cut, half-open, slow, deaf in one
/// direction. It passes everything until told otherwise; <see cref="Pass"/> ends every fault.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(5);

    readonly ConcurrentDictionary<ProxyConnection, byte> _connections = new();
    readonly Lock _lock = new();
    TcpListener? _listener;
    Task _accepting = Task.CompletedTask;

    FaultProxy(EndPoint target) => Target = target;

    public int Port { get; private set; }

    public string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>Where new connections lead; may be changed, as when a server has moved.</summary>
    public EndPoint Target { get; set; }

    /// <summary>How long each piece of a request is held back.</summary>
    public TimeSpan RequestDelay { get; set; }

    /// <summary>How long each piece of a reply is held back.</summary>
    public TimeSpan ReplyDelay { get; set; }

    public ProxyCounters Counters { get; } = new();

    /// <summary>Connections that are open now.</summary>
    public int OpenConnections => _connections.Count;

    internal bool IsHalfOpen { get; private set; }

    internal ReplyFault? ReplyFault { get; private set; }

    /// <param name="target">A Redis connection string with one address, <c>127.0.0.1:6379</c>.</param>
    public static Task<FaultProxy> ListenAsync(string target) => ListenAsync(IPEndPoint.Parse(target));

    public static Task<FaultProxy> ListenAsync(EndPoint target)
    {
        var proxy = new FaultProxy(target);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                proxy.Port = FreePort.Next();
                proxy.AcceptNew();
                return Task.FromResult(proxy);
            }
            catch (SocketException) when (attempt < 5)
            {
                // Another process was quicker.
            }
        }
    }

    /// <summary>Ends every fault. Connections that were half-open stay broken: what was swallowed is gone.</summary>
    public void Pass()
    {
        IsHalfOpen = false;
        ReplyFault = null;
        RequestDelay = ReplyDelay = TimeSpan.Zero;
        AcceptNew();
    }

    /// <summary>Resets (RST) every open connection; new ones are served.</summary>
    public void Cut()
    {
        foreach (var connection in _connections.Keys)
            connection.Reset();
    }

    /// <summary>From now on no byte passes and no connection closes, new ones included: a peer that has vanished.</summary>
    public void HalfOpen()
    {
        IsHalfOpen = true;
        foreach (var connection in _connections.Keys)
            connection.Silence();
    }

    /// <summary>Closes the port, so that new connections are refused; open ones go on.</summary>
    public void RefuseNew()
    {
        lock (_lock)
        {
            _listener?.Dispose();
            _listener = null;
        }
    }

    /// <summary>Cuts every connection and refuses new ones: the server is down.</summary>
    public void TakeDown()
    {
        RefuseNew();
        Cut();
    }

    /// <summary>
    /// Loses replies while requests pass. Without a predicate every connection's replies are lost from now on. With one,
    /// it is the connection of the next request that matches, from that request on; it happens once.
    /// </summary>
    /// <param name="request">Sees what the client sends, as it comes, with up to 64 bytes of what came before.</param>
    /// <param name="thenCut">Resets the connection once a reply has been lost and nothing more comes.</param>
    /// <returns>Completes when the first reply has been lost (and the connection has been cut).</returns>
    public Task DropReplies(Func<ReadOnlySpan<byte>, bool>? request = null, bool thenCut = true)
    {
        var fault = new ReplyFault(request, thenCut);
        ReplyFault = fault;
        return fault.Happened;
    }

    /// <summary>As the other, for the next request that holds this text, such as the SHA1 of a script.</summary>
    public Task DropReplies(string requestContains, bool thenCut = true)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(requestContains);
        return DropReplies(request => request.IndexOf(bytes) >= 0, thenCut);
    }

    public async ValueTask DisposeAsync()
    {
        TakeDown();
        var all = _connections.Keys.Select(connection => connection.Completed).Append(_accepting);
        await Task.WhenAny(Task.WhenAll(all), Task.Delay(DisposeLimit));
    }

    void AcceptNew()
    {
        lock (_lock)
        {
            if (_listener is not null)
                return;
            var listener = new TcpListener(IPAddress.Loopback, Port);
            listener.Start();
            _listener = listener;
            _accepting = AcceptAsync(listener);
        }
    }

    async Task AcceptAsync(TcpListener listener)
    {
        await Task.Yield();
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptSocketAsync();
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException or InvalidOperationException)
            {
                return;
            }

            Counters.Accept();
            var connection = new ProxyConnection(this, client);
            _connections.TryAdd(connection, 0);
            _ = ServeAsync(connection);
        }
    }

    async Task ServeAsync(ProxyConnection connection)
    {
        await connection.RunAsync();
        _connections.TryRemove(connection, out _);
    }
}
