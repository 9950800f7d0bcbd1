using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.UnitTests.Broker;

public sealed class MinuteFiguresTests
{
    [Fact]
    public void Minutes_and_zeros_that_are_left_out_are_read()
    {
        var minutes = MinuteFigures.Read("100;3,7,,2;,8;;,,,,5;59;").ToArray();

        Assert.Equal([6003, 6004, 6005, 6006, 6059], minutes.Select(x => x.Minute));
        Assert.Equal([7, 0, 2, 0, 0, 0, 0, 0, 0], minutes[0].Values);
        Assert.Equal([7, 8, 0, 5, 0], minutes.Select(x => x.Values[0] + x.Values[3]));
        Assert.Equal(new DateTimeOffset(2024, 1, 5, 4, 3, 0, TimeSpan.Zero), minutes[0].Time);
    }

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("100")]
    [InlineData("100;")]
    [InlineData("x;1,2;")]
    [InlineData("-1;1,2;")]
    [InlineData("99999999999;1,2;")]
    [InlineData("100;60,1;x,2;-1,3;,4;")]
    [InlineData("100;,1;,2;")]
    public void What_cannot_be_read_is_passed_over(string text) => Assert.Empty(MinuteFigures.Read(text));
}
