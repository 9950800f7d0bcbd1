using System.Net;
using System.Net.Sockets;

namespace MassTransit.RedisTransport.Testing.Processes;

/// <summary>
/// Ports below the range that the system gives to outgoing connections, so that a server which is restarted finds its
/// port free. Another process can still be quicker: who starts a server tries again.
/// </summary>
public static class FreePort
{
    public static int Next()
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var port = Random.Shared.Next(11000, 32000);
            if (IsFree(port))
                return port;
        }

        throw new InvalidOperationException("No free port between 11000 and 32000.");
    }

    static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
