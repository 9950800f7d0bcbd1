using System.Net;

namespace MassTransit.Webhooks.AspNetCore.Tests.Deduplication;

/// <summary>One setting says where Redis is, for the bus and for deduplication.</summary>
public class RedisAddressTests
{
    [Theory]
    [InlineData("redis://server", "server", 6379, 0, null, null, false)]
    [InlineData("redis://server:6390/2", "server", 6390, 2, null, null, false)]
    [InlineData("redis://server:6390/2/prefix", "server", 6390, 2, null, null, false)]
    [InlineData("rediss://alice:p%40ss@server", "server", 6379, 0, "alice", "p@ss", true)]
    [InlineData("redis://:secret@server", "server", 6379, 0, null, "secret", false)]
    [InlineData("redis://secret@server", "server", 6379, 0, null, "secret", false)]
    [InlineData("redis://alice:se/cr@et@server:6390/2", "server", 6390, 2, "alice", "se/cr@et", false)]
    [InlineData("server:6390,defaultDatabase=2,password=secret,ssl=true", "server", 6390, 2, null, "secret", true)]
    public void Addresses_and_connection_strings_are_read(
        string text, string host, int port, int? database, string? user, string? password, bool tls)
    {
        var options = RedisAddress.Parse(text);
        Assert.Equal(new DnsEndPoint(host, port), Assert.Single(options.EndPoints));
        Assert.Equal((database, user, password, tls), (options.DefaultDatabase, options.User, options.Password, options.Ssl));
    }

    [Theory]
    [InlineData("http://user:secret@server")]
    [InlineData("redis://user:secret@server/first")]
    [InlineData("redis://")]
    [InlineData("secret@server:6379")]
    public void What_cannot_be_read_is_refused_without_being_repeated(string text)
    {
        var exception = Assert.Throws<ArgumentException>(() => RedisAddress.Parse(text));
        Assert.Contains("server:6379/0", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }
}
