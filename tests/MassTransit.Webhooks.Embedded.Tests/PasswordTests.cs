using System.Net;
using System.Net.Sockets;
using System.Text;
using MassTransit.RedisTransport.Testing;
using MassTransit.RedisTransport.Testing.Processes;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Embedded.Tests;

/// <summary>
/// A web page that was open on the same machine could once send the server commands: a browser posts to any port, and what stands in the
/// body, a line each, was done.
/// </summary>
public sealed class PasswordTests
{
    const string Commands =
        "SET stolen 1\r\n*3\r\n$3\r\nSET\r\n$6\r\nstolen\r\n$1\r\n1\r\n*1\r\n$8\r\nFLUSHALL\r\n"
        + "*3\r\n$3\r\nSET\r\n$6\r\nstolen\r\n$1\r\n1\r\n";

    static readonly string Request =
        $"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: {Commands.Length}\r\n\r\n{Commands}";

    [Fact]
    public async Task Request_of_a_web_page_does_nothing_where_it_once_did_all()
    {
        await using var open = await EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { Password = "" });
        await using var server = await EmbeddedRedis.StartAsync();
        await using var toOpen = await ConnectionMultiplexer.ConnectAsync(open.ConnectionString);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await connection.GetDatabase().StringSetAsync("kept", "value");
        foreach (var text in new[] { Request, Commands })
        {
            using (await SayAsync(open.Port, text))
                await Eventually.TrueAsync(() => toOpen.GetDatabase().KeyDeleteAsync("stolen"),
                    message: "a server without a password does what it is told");
            using var socket = await SayAsync(server.Port, text);
            // Whatever it answers, or that it hangs up: it has read it.
            await Eventually.CompletesAsync(ReadAsync(socket));
            Assert.Equal("value", await connection.GetDatabase().StringGetAsync("kept"));
            Assert.False(await connection.GetDatabase().KeyExistsAsync("stolen"));
        }
    }

    [Fact]
    public async Task Every_server_has_another_password_and_its_connection_string_has_it()
    {
        await using var first = await EmbeddedRedis.StartAsync();
        await using var second = await EmbeddedRedis.StartAsync();
        Assert.NotEqual(first.Password, second.Password);
        Assert.Equal($"127.0.0.1:{first.Port},password={first.Password}", first.ConnectionString);

        await Assert.ThrowsAsync<RedisConnectionException>(() =>
            ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{first.Port},connectTimeout=1000,connectRetry=1"));
        await Assert.ThrowsAsync<RedisConnectionException>(() =>
            ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{first.Port},password={second.Password},connectTimeout=1000,connectRetry=1"));
    }

    [Fact]
    public async Task A_given_password_lets_other_processes_in_and_none_lets_anyone_in()
    {
        await using var given = await EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { Password = "of-this-test" });
        await using (var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{given.Port},password=of-this-test"))
            Assert.True(await connection.GetDatabase().StringSetAsync("key", "value"));

        await using var none = await EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { Password = "" });
        Assert.Equal($"127.0.0.1:{none.Port}", none.ConnectionString);
        await using var open = await ConnectionMultiplexer.ConnectAsync(none.ConnectionString);
        Assert.True(await open.GetDatabase().StringSetAsync("key", "value"));
    }

    [Theory]
    [InlineData("a,b")]
    [InlineData("a b")]
    public async Task A_password_that_no_connection_string_can_hold_is_refused(string password) =>
        await Assert.ThrowsAsync<ArgumentException>(() => EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { Password = password }));

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task What_is_on_disk_is_for_this_user_alone()
    {
        // Windows has no modes of files.
        if (OperatingSystem.IsWindows())
            return;
        using var temp = new TempFolder("embedded");
        var (own, others) = (temp.File("own"), temp.File("others"));
        Directory.CreateDirectory(others);
        await File.WriteAllTextAsync(Path.Combine(others, "somebody's"), "");
        var before = (File.GetUnixFileMode(others), File.GetUnixFileMode(Path.Combine(others, "somebody's")));
        foreach (var folder in new[] { own, others })
        {
            await using var server = await EmbeddedRedis.StartAsync(new EmbeddedRedisOptions { DataFolder = folder });
            await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
            await connection.GetDatabase().StringSetAsync("key", "value");
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(own));
        var files = Directory.GetFiles(own, "*", SearchOption.AllDirectories);
        Assert.True(files.Length > 1, string.Join(' ', files));
        Assert.All(files, x => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(x)));
        Assert.Equal(before, (File.GetUnixFileMode(others), File.GetUnixFileMode(Path.Combine(others, "somebody's"))));
    }

    static async Task<Socket> SayAsync(int port, string text)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        return socket;
    }

    static async Task ReadAsync(Socket socket)
    {
        try
        {
            await socket.ReceiveAsync(new byte[4096]);
        }
        catch (SocketException)
        {
            // It has hung up on what is not its protocol.
        }
    }
}
