using System.Net;
using System.Net.Sockets;

namespace MassTransit.Webhooks.Embedded;

/// <summary>
/// Holds a port from the moment it is chosen until the server listens on it. The server binds with address reuse, so it can share the port
/// with this socket, which never listens. Other programs cannot bind the port.
/// </summary>
internal sealed class PortReservation : IDisposable
{
    readonly Socket _socket;

    PortReservation(Socket socket) => _socket = socket;

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Dispose() => _socket.Dispose();

    /// <exception cref="InvalidOperationException">The port is in use, or may not be used.</exception>
    public static PortReservation Take(int port)
    {
        try
        {
            // Binds once without address reuse to check that the port is free. With address reuse two servers of one user could share a
            // port, and each would get some of the connections.
            if (port != 0)
                Bind(port, reuse: false).Dispose();
            return new PortReservation(Bind(port, reuse: true));
        }
        catch (SocketException exception)
        {
            var reason = exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? "is in use" : $"cannot be used ({exception.Message})";
            throw new InvalidOperationException(
                $"Port {port} on 127.0.0.1 {reason}. Stop what listens there, give EmbeddedRedisOptions.Port another port, or 0 for any "
                    + "free one.",
                exception);
        }
    }

    static Socket Bind(int port, bool reuse)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (reuse)
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
