using System.Net.Sockets;

namespace MassTransit.RedisTransport.Testing;

/// <summary>One client's connection through a <see cref="FaultProxy"/>.</summary>
sealed class ProxyConnection(FaultProxy proxy, Socket client)
{
    const int Remembered = 64;
    // A server answers a script in far less; this also lets the replies to earlier requests of the connection come.
    static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile ReplyFault? _fault;
    volatile bool _silent;

    public Task Completed => _completed.Task;

    public void Silence() => _silent = true;

    public void Reset()
    {
        Reset(client);
        Reset(_server);
    }

    public async Task RunAsync()
    {
        client.NoDelay = true;
        _silent |= proxy.IsHalfOpen;
        try
        {
            // A half-open connection is accepted, and leads nowhere.
            if (!_silent)
                await _server.ConnectAsync(proxy.Target);
            var requests = PumpRequestsAsync();
            var replies = _server.Connected ? PumpRepliesAsync() : Task.CompletedTask;
            await Task.WhenAny(requests, replies.IsCompleted ? requests : replies);
            // A vanished peer does not say goodbye: a silent connection ends when its client gives up.
            if (_silent)
                await requests;
            Reset();
            await Task.WhenAll(requests, replies);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Reset();
        }

        _completed.SetResult();
    }

    async Task PumpRequestsAsync()
    {
        var buffer = new byte[Remembered + 64 * 1024];
        var kept = 0;
        while (await ReadAsync(client, buffer.AsMemory(kept)) is var read and > 0)
        {
            if (_silent)
            {
                proxy.Counters.Request(read, lost: true);
                continue;
            }

            // Marked before it is forwarded: the reply cannot be quicker.
            if (proxy.ReplyFault is { } fault && (fault.IsForAll || fault.Claims(buffer.AsSpan(0, kept + read))))
                _fault = fault;
            await DelayAsync(proxy.RequestDelay);
            if (!await WriteAsync(_server, buffer.AsMemory(kept, read)))
                return;
            proxy.Counters.Request(read, lost: false);

            var keep = Math.Min(Remembered, kept + read);
            buffer.AsSpan(kept + read - keep, keep).CopyTo(buffer);
            kept = keep;
        }
    }

    async Task PumpRepliesAsync()
    {
        var buffer = new byte[64 * 1024];
        while (await ReadAsync(_server, buffer) is var read and > 0)
        {
            var fault = _fault ?? (proxy.ReplyFault is { IsForAll: true } all ? all : null);
            if (_silent || fault is not null)
            {
                proxy.Counters.Reply(read, lost: true);
                if (fault is { ThenCut: true })
                {
                    await DrainAsync(buffer);
                    Reset();
                }

                fault?.Done();
                continue;
            }

            await DelayAsync(proxy.ReplyDelay);
            if (!await WriteAsync(client, buffer.AsMemory(0, read)))
                return;
            proxy.Counters.Reply(read, lost: false);
        }
    }

    async Task DrainAsync(byte[] buffer)
    {
        using var timeout = new CancellationTokenSource(Quiet);
        try
        {
            while (await _server.ReceiveAsync(buffer, timeout.Token) is var read and > 0)
            {
                proxy.Counters.Reply(read, lost: true);
                timeout.CancelAfter(Quiet);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Quiet, or gone.
        }
    }

    static Task DelayAsync(TimeSpan delay) => delay > TimeSpan.Zero ? Task.Delay(delay) : Task.CompletedTask;

    static async Task<int> ReadAsync(Socket socket, Memory<byte> buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    static async Task<bool> WriteAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[await socket.SendAsync(bytes)..];
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    static void Reset(Socket socket)
    {
        try
        {
            // Zero linger: close sends a reset instead of a goodbye.
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Never connected, or closed already.
        }

        socket.Dispose();
    }
}
