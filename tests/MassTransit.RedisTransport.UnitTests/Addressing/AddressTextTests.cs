using MassTransit.RedisTransport.Addressing;

namespace MassTransit.RedisTransport.UnitTests.Addressing;

public class AddressTextTests
{
    /// <summary>As MassTransit reads them for its other transports.</summary>
    [Theory]
    [InlineData("queue:a")]
    [InlineData("queue:a?")]
    [InlineData("queue:a?x", "x=<none>")]
    [InlineData("queue:a?x=", "x=")]
    [InlineData("queue:a?X=Y&z=1&&q", "x=Y", "z=1", "=<none>", "q=<none>")]
    [InlineData("queue:a?type=topic&type=exchange", "type=topic", "type=exchange")]
    [InlineData("queue:a?x=a=b", "x=a")]
    [InlineData("queue:a?x=a%20b+c", "x=a%20b+c")]
    [InlineData("queue:a?x=a?b", "x=a?b")]
    [InlineData("redis://h/0/q?temporary=true#end", "temporary=true")]
    public void Parameters_are_read_in_their_order(string address, params string[] expected) =>
        Assert.Equal(expected, AddressText.Parameters(new Uri(address)).Select(x => $"{x.Name}={x.Value ?? "<none>"}"));
}
