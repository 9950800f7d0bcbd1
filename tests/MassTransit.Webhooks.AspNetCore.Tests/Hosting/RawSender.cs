using System.Net;
using System.Net.Sockets;
using System.Text;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.Webhooks.AspNetCore.Tests.Hosting;

/// <summary>A sender that says what no client library would: byte by byte, over a socket.</summary>
sealed class RawSender : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public static async Task<RawSender> ConnectAsync(int port)
    {
        var sender = new RawSender();
        await sender._socket.ConnectAsync(IPAddress.Loopback, port);
        return sender;
    }

    /// <summary>The head of a request: its first line, a host, the headers given and the empty line.</summary>
    public Task HeadAsync(string receiver, params string[] headers) =>
        WriteAsync($"POST /webhooks/{receiver} HTTP/1.1\r\nHost: h\r\n{string.Concat(headers.Select(x => x + "\r\n"))}\r\n");

    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes, limit.Token)..];
    }

    /// <summary>The status of the answer; <c>null</c> where the connection ended without one.</summary>
    public async Task<int?> StatusAsync()
    {
        var line = await LineAsync();
        return line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)
            ? int.Parse(line.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Everything until the connection ends.</summary>
    public async Task<string> RestAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (await ReadAsync(buffer) is > 0 and var length)
            text.Append(Encoding.Latin1.GetString(buffer, 0, length));
        return text.ToString();
    }

    public void Dispose() => _socket.Dispose();

    async Task<string> LineAsync()
    {
        var line = new StringBuilder();
        var buffer = new byte[1];
        while (await ReadAsync(buffer) == 1 && buffer[0] != '\n')
            line.Append((char)buffer[0]);
        return line.ToString().TrimEnd('\r');
    }

    async Task<int> ReadAsync(byte[] buffer)
    {
        try
        {
            return await Eventually.CompletesAsync(_socket.ReceiveAsync(buffer), Limit, "the answer");
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
