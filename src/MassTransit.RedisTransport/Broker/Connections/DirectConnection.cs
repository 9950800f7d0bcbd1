using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>
/// A connection with blocking calls that needs no thread of the pool. It is for calls that must go on while the application blocks every
/// pool thread, and for payloads whose transfer takes longer than an answer may. A call fails when nothing is transferred any more, however
/// long the whole takes. Only one thread may use it at a time.
/// </summary>
internal sealed class DirectConnection : IDisposable
{
    /// <summary>The size of the steps in which data is written. Each step must be transferred within the timeout.</summary>
    const int StepBytes = 64 * 1024;

    /// <summary>
    /// The size of the system's send buffer. It is small, so that a finished step means that bytes have really been sent.
    /// </summary>
    const int SocketBufferBytes = 128 * 1024;

    readonly Socket _socket;
    readonly Stream _stream;
    readonly TimeSpan _timeout;
    readonly byte[] _input = new byte[16 * 1024];
    readonly MemoryStream _head = new();
    int _from;
    int _to;

    DirectConnection(Socket socket, Stream stream, TimeSpan timeout)
    {
        _socket = socket;
        _stream = stream;
        _timeout = timeout;
    }

    /// <summary>True after a failure with an unknown effect on the server. The connection cannot be used any more.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Connects, and authenticates with the user, the password, the name and the database of the options.</summary>
    /// <param name="endpoint">The server's address.</param>
    /// <param name="options">The credentials, the client's name and the encryption.</param>
    /// <param name="database">The database, which is selected if it is not 0.</param>
    /// <param name="timeout">How long a call may make no progress.</param>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    /// <exception cref="RedisServerException">The server refuses the credentials or the database.</exception>
    public static DirectConnection Open(EndPoint endpoint, ConfigurationOptions options, int database, TimeSpan timeout)
    {
        var connection = OpenBare(endpoint, options, timeout);
        try
        {
            if (options.Password is { Length: > 0 } password)
                connection.Execute("AUTH", options.User is { Length: > 0 } user ? [user, password] : [password]);
            if (options.ClientName is { Length: > 0 } name)
                connection.Execute("CLIENT", ["SETNAME", name]);
            if (database > 0)
                connection.Execute("SELECT", [database]);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Connects without sending anything.</summary>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    public static DirectConnection OpenBare(EndPoint endpoint, ConfigurationOptions options, TimeSpan timeout)
    {
        Socket? socket = null;
        try
        {
            socket = Connect(endpoint, timeout);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Ssl)
                stream = Encrypt(stream, endpoint, options);
            return new DirectConnection(socket, stream, timeout);
        }
        catch (Exception exception) when (exception is SocketException or System.Security.Authentication.AuthenticationException)
        {
            socket?.Dispose();
            throw new IOException($"{TextOf(endpoint)} cannot be reached ({exception.Message})", exception);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>Sends one command and waits for its reply.</summary>
    /// <exception cref="RedisServerException">The server has refused the command.</exception>
    /// <exception cref="IOException">
    /// The connection broke, or nothing was transferred for the whole timeout. The server may have run the command.
    /// </exception>
    public RedisResult Execute(string command, ReadOnlySpan<RedisValue> arguments)
    {
        Send(command, arguments);
        return Receive();
    }

    /// <summary>Sends one command. <see cref="Receive"/> returns the replies in order.</summary>
    public void Send(string command, ReadOnlySpan<RedisValue> arguments)
    {
        try
        {
            WriteHead('*', arguments.Length + 1);
            WriteHead('$', Encoding.UTF8.GetByteCount(command));
            _head.Write(Encoding.UTF8.GetBytes(command));
            _head.Write("\r\n"u8);
            foreach (var argument in arguments)
            {
                ReadOnlyMemory<byte> bytes = argument;
                WriteHead('$', bytes.Length);
                if (bytes.Length <= StepBytes)
                {
                    _head.Write(bytes.Span);
                    if (_head.Length > StepBytes)
                        FlushHead();
                }
                else
                {
                    FlushHead();
                    WriteSteps(bytes.Span);
                }

                _head.Write("\r\n"u8);
            }

            FlushHead();
        }
        catch
        {
            IsBroken = true;
            throw;
        }
    }

    /// <summary>Waits for the next reply.</summary>
    public RedisResult Receive()
    {
        (RedisResult? Result, string? Error) reply;
        try
        {
            reply = Read();
        }
        catch
        {
            IsBroken = true;
            throw;
        }

        return reply.Error is { } error ? throw new RedisServerException(error) : reply.Result!;
    }

    /// <summary>True if there is something to receive within the time.</summary>
    public bool Waits(TimeSpan time) =>
        _from < _to || _socket.Poll((int)Math.Min(int.MaxValue, time.TotalMicroseconds), SelectMode.SelectRead);

    /// <summary>Closes the connection. It may be called from another thread; a call that blocks then fails.</summary>
    public void Dispose()
    {
        IsBroken = true;
        _stream.Dispose();
    }

    public static string TextOf(EndPoint endpoint) => endpoint switch
    {
        DnsEndPoint dns => string.Create(CultureInfo.InvariantCulture, $"{dns.Host}:{dns.Port}"),
        _ => endpoint.ToString() ?? "",
    };

    static Socket Connect(EndPoint endpoint, TimeSpan timeout)
    {
        SocketException? last = null;
        foreach (var address in Addresses(endpoint))
        {
            var socket = address is IPEndPoint
                ? new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
                {
                    NoDelay = true,
                    SendBufferSize = SocketBufferBytes
                }
                : new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                ConnectWithin(socket, address, timeout);
                socket.SendTimeout = socket.ReceiveTimeout = (int)timeout.TotalMilliseconds;
                return socket;
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                last = exception;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    static IEnumerable<EndPoint> Addresses(EndPoint endpoint) => endpoint is DnsEndPoint dns
        ? Dns.GetHostAddresses(dns.Host).Select(x => new IPEndPoint(x, dns.Port))
        : [endpoint];

    /// <summary>Connects within the timeout. The system's own timeout is two minutes.</summary>
    static void ConnectWithin(Socket socket, EndPoint address, TimeSpan timeout)
    {
        socket.Blocking = false;
        try
        {
            socket.Connect(address);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            if (!socket.Poll((int)timeout.TotalMicroseconds, SelectMode.SelectWrite))
                throw new SocketException((int)SocketError.TimedOut);
            if (socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int error and not 0)
                throw new SocketException(error);
            if (!socket.Connected)
                throw new SocketException((int)SocketError.ConnectionRefused);
        }

        socket.Blocking = true;
    }

    static SslStream Encrypt(Stream stream, EndPoint endpoint, ConfigurationOptions options)
    {
        var host = options.SslHost is { Length: > 0 } name ? name : endpoint is DnsEndPoint dns
            ? dns.Host : (endpoint as IPEndPoint)?.Address.ToString() ?? "";
        var encrypted = new SslStream(stream, leaveInnerStreamOpen: false, CertificateCallbacks.Validation(options),
            CertificateCallbacks.Selection(options));
        if (options.SslClientAuthenticationOptions?.Invoke(host) is { } authentication)
        {
            encrypted.AuthenticateAsClient(authentication);
        }
        else
        {
            encrypted.AuthenticateAsClient(host, null, options.SslProtocols ?? System.Security.Authentication.SslProtocols.None,
                options.CheckCertificateRevocation);
        }

        return encrypted;
    }

    void WriteHead(char kind, int number)
    {
        Span<byte> text = stackalloc byte[16];
        text[0] = (byte)kind;
        Utf8Formatter.TryFormat(number, text[1..], out var length);
        "\r\n"u8.CopyTo(text[(1 + length)..]);
        _head.Write(text[..(length + 3)]);
    }

    void FlushHead()
    {
        if (!_head.TryGetBuffer(out var bytes))
            return;
        WriteSteps(bytes);
        _head.SetLength(0);
    }

    void WriteSteps(ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length > StepBytes; bytes = bytes[StepBytes..])
            _stream.Write(bytes[..StepBytes]);
        _stream.Write(bytes);
    }

    (RedisResult? Result, string? Error) Read()
    {
        var line = ReadLine();
        var rest = line[1..];
        switch (line[0])
        {
            case '+':
                return (RedisResult.Create((RedisValue)rest, ResultType.SimpleString), null);
            case '-':
                return (null, rest);
            case ':':
                return (RedisResult.Create((RedisValue)long.Parse(rest, CultureInfo.InvariantCulture), ResultType.Integer), null);
            case '$':
                var length = int.Parse(rest, CultureInfo.InvariantCulture);
                return (RedisResult.Create(length < 0 ? RedisValue.Null : (RedisValue)ReadBytes(length), ResultType.BulkString), null);
            case '*':
                var count = int.Parse(rest, CultureInfo.InvariantCulture);
                if (count < 0)
                    return (RedisResult.Create(RedisValue.Null, ResultType.Array), null);

                var items = new RedisResult[count];
                for (var i = 0; i < count; i++)
                {
                    var (result, error) = Read();
                    items[i] = result ?? RedisResult.Create((RedisValue)error, ResultType.Error);
                }

                return (RedisResult.Create(items), null);
            default:
                throw new IOException("The server does not speak the protocol of Redis.");
        }
    }

    string ReadLine()
    {
        var line = new StringBuilder();
        while (true)
        {
            var part = _input.AsSpan(_from, _to - _from);
            var end = part.IndexOf((byte)'\n');
            line.Append(Encoding.UTF8.GetString(end < 0 ? part : part[..end]));
            if (end >= 0)
            {
                _from += end + 1;
                var text = line.ToString().TrimEnd('\r');
                return text.Length > 0 ? text : throw new IOException("The server does not speak the protocol of Redis.");
            }

            Fill();
        }
    }

    byte[] ReadBytes(int length)
    {
        var bytes = new byte[length];
        var known = Math.Min(length, _to - _from);
        _input.AsSpan(_from, known).CopyTo(bytes);
        _from += known;
        for (int read; known < length; known += read)
        {
            read = _stream.Read(bytes.AsSpan(known));
            if (read == 0)
                throw new IOException("The server closed the connection.");
        }

        for (var left = 2; left > 0; left--)
        {
            if (_from == _to)
                Fill();
            _from++;
        }

        return bytes;
    }

    void Fill()
    {
        _from = 0;
        _to = 0;
        _to = _stream.Read(_input);
        if (_to == 0)
            throw new IOException("The server closed the connection.");
    }
}
