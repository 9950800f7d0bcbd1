using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Configuration;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.UnitTests.Configuration;

/// <summary>
/// Passwords hold what separates the parts of an address. They are read whole, or refused, and never repeated by a message.
/// </summary>
public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("redis://user:se/cret@server:6379/2", "user", "se/cret")]
    [InlineData("redis://user:12/34@server:6379/2", "user", "12/34")]
    [InlineData("redis://:se,cret@server:6379/2", null, "se,cret")]
    [InlineData("redis://:se@cret@server:6379/2", null, "se@cret")]
    [InlineData("redis://:12#34@server:6379/2", null, "12#34")]
    [InlineData("redis://:12?34@server:6379/2", null, "12?34")]
    [InlineData("redis://:se:cr://et@server:6379/2", null, "se:cr://et")]
    [InlineData("redis://user:se%2Fcr%40et@server:6379/2", "user", "se/cr@et")]
    [InlineData("redis://secret@server:6379/2", null, "secret")]
    public void A_password_is_read_whole_whatever_it_holds(string address, string? user, string password)
    {
        var parsed = ServerAddress.Parse(address);

        Assert.Equal(user, parsed.Options.User);
        Assert.Equal(password, parsed.Options.Password);
        Assert.Equal(2, parsed.Database);
        Assert.Equal("server:6379", new RedisConnectionSettings { Options = parsed.Options }.DisplayAddress);
    }

    [Theory]
    [InlineData("redis://user:s3cr3t/s3cr3t")]
    [InlineData("redis://user:s3cr3t@")]
    [InlineData("redis://user:s3cr3t@server/s3cr3t")]
    [InlineData("redis://user:s3cr3t@ser ver")]
    [InlineData("http://user:s3cr3t@server")]
    [InlineData("redis://user:s3cr3t@server/0/../s3cr3t")]
    [InlineData("server:6379,password=begin,s3cr3t")]
    [InlineData("server:6379,password=begin,s3cr3t=more")]
    [InlineData("user:s3cr3t@server:6379")]
    [InlineData("server:6379,connectTimeout=s3cr3t,password=s3cr3t")]
    public void What_cannot_be_read_is_refused_without_repeating_it(string address)
    {
        var refused =
            Assert.ThrowsAny<ConfigurationException>(() => new RedisHostConfigurator(new RedisConnectionSettings()).UseAddress(address));

        for (Exception? exception = refused; exception is not null; exception = exception.InnerException)
            Assert.DoesNotContain("s3cr3t", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_string_may_hold_what_an_address_begins_with()
    {
        var settings = new RedisConnectionSettings();
        new RedisHostConfigurator(settings).UseAddress("server:6379,password=ab://cd");

        Assert.Equal("ab://cd", settings.Options.Password);
    }

    [Theory]
    [InlineData("server:6379,backlogPolicy=failfast", "", 0)]
    [InlineData("server:6379,serviceName=mymaster", "Sentinel", 2)]
    [InlineData("server:6379,asyncTimeout=30000", "AsyncTimeout", 2)]
    public void A_connection_of_the_callers_own_is_warned_of_where_it_puts_messages_at_risk(string connection, string named, int risks)
    {
        var options = ConfigurationOptions.Parse(connection, ignoreUnknown: true);
        if (risks == 0)
            options.BacklogPolicy = BacklogPolicy.FailFast;
        string[] found = [.. new RedisConnectionSettings { Options = options }.ExternalRisks()];

        Assert.Equal(risks, found.Length);
        Assert.True(risks == 0 || found.Any(x => x.Contains(named, StringComparison.Ordinal)));
    }
}
