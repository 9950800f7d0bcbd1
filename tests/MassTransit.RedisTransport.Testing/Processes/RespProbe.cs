using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace MassTransit.RedisTransport.Testing.Processes;

/// <summary>One command over a connection of its own: independent of the client under test.</summary>
public static class RespProbe
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Sends an inline command and returns the first bytes of the reply, or <c>null</c> when there is none.</summary>
    public static async Task<string?> SendAsync(int port, string command, bool tls = false)
    {
        using var timeout = new CancellationTokenSource(Limit);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, timeout.Token);
            Stream stream = client.GetStream();
            if (tls)
            {
#pragma warning disable CA5359 // The certificate was made a moment ago, by the test.
                var secure = new SslStream(stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
                await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, timeout.Token);
                stream = secure;
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), timeout.Token);
            var buffer = new byte[8192];
            var read = await stream.ReadAsync(buffer, timeout.Token);
            return read == 0 ? null : Encoding.UTF8.GetString(buffer, 0, read);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException
            or System.Security.Authentication.AuthenticationException)
        {
            return null;
        }
    }

    /// <summary>True when the server serves commands, also where it first asks for a password.</summary>
    public static async Task<bool> AnswersAsync(int port, bool tls = false) =>
        await SendAsync(port, "PING", tls) is { } reply
        && (reply.StartsWith("+PONG", StringComparison.Ordinal) || reply.StartsWith("-NOAUTH", StringComparison.Ordinal));
}
