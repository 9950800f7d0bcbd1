using System.Text;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.UnitTests.Broker.Queues;

public sealed class LeaseHandleTests
{
    [Fact]
    public void A_handle_is_the_message_key_a_colon_and_the_lease_token()
    {
        var key = new MessageKey(5, 16, 0).ToString();
        var handle = LeaseHandle.Create(Encoding.ASCII.GetBytes(key), "abc1");

        Assert.Equal(key + ":abc1", Encoding.ASCII.GetString(handle.Member));
        Assert.Equal(key, Encoding.ASCII.GetString(handle.Key));
        Assert.Equal(key, handle.ToString());
    }
}
