using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Leases;

/// <summary>
/// A record that holds many messages is taken apart by its consumer when it comes again, also beyond the limit of deliveries: its first one
/// is a first one.
/// </summary>
public sealed class LastDeliveryTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task First_delivery_of_a_record_of_many_messages_is_one_whatever_the_limit(int maxDeliveryCount)
    {
        var many = new Inbox<bool>();
        var single = new Inbox<bool>();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("last", e =>
        {
            e.MaxDeliveryCount = maxDeliveryCount;
            e.Handler<Ping>(context =>
            {
                (context.Message.Number > 1 ? many : single).Add(context.ReceiveContext.Redelivered);
                return Task.CompletedTask;
            });
        }));

        await app.SendAsync("last", new Ping(1));
        await app.SendAsync("last", new Ping(20), x =>
        {
            Assert.True(x.TryGetPayload<Sending.IRedisSendContext>(out var context));
            context.MessageCount = 20;
        });
        await single.WaitAsync(1);
        await many.WaitAsync(1);

        Assert.Equal([false], single.Items);
        Assert.Equal([false], many.Items);
    }
}
