using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Receiving;

namespace MassTransit.RedisTransport.UnitTests.Receiving;

public class RedisReceiveSettingsTests
{
    [Fact]
    public void Defaults_have_no_problem() => Assert.Empty(new RedisReceiveSettings("orders").Problems());

    [Theory]
    [InlineData(247, true)]
    [InlineData(248, false)]
    public void Endpoint_name_leaves_room_for_its_dead_letter_queues(int length, bool accepted)
    {
        var name = new string('q', length);

        var problems = new RedisReceiveSettings(name).Problems().ToList();

        Assert.Equal(accepted, problems.Count == 0);
        Assert.Equal(accepted, QueueName.IsValid(name + QueueName.SkippedSuffix));
        if (!accepted)
            Assert.Contains("_skipped", Assert.Single(problems).Problem, StringComparison.Ordinal);
    }
}
