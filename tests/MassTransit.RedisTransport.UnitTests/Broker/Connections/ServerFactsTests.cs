using MassTransit.RedisTransport.Broker.Connections;

namespace MassTransit.RedisTransport.UnitTests.Broker.Connections;

public class ServerFactsTests
{
    [Theory]
    [InlineData("noeviction", "allkeys-lru", "allkeys-lru")]
    [InlineData("volatile-ttl", "noeviction", "volatile-ttl")]
    [InlineData(null, "noeviction", "noeviction")]
    [InlineData(null, null, null)]
    public void Of_several_servers_the_one_that_may_delete_messages_counts(string? first, string? second, string? worst)
    {
        var facts = ServerFacts.Worst([new("one", first, null), new("two", second, null)]);

        Assert.Equal(worst, facts.EvictionPolicy);
        Assert.Equal(worst is not (null or "noeviction"), facts.MayEvict);
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, true)]
    [InlineData(null, true, true)]
    [InlineData(null, null, null)]
    public void Of_several_servers_the_one_that_keeps_nothing_counts(bool? first, bool? second, bool? worst) =>
        Assert.Equal(worst, ServerFacts.Worst([new("one", "noeviction", first), new("two", "noeviction", second)]).Persistent);

    [Fact]
    public void Nothing_is_claimed_of_no_server()
    {
        var facts = ServerFacts.Worst([]);

        Assert.False(facts.MayEvict);
        Assert.Null(facts.Persistent);
    }
}
