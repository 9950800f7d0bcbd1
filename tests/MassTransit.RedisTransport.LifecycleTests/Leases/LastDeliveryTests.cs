using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Leases;

/// <summary>A record that holds many messages is taken apart by its consumer when it comes again: in time, so that each is judged by itself.</summary>
public sealed class LastDeliveryTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task Record_of_many_messages_is_told_to_come_again_where_it_is_its_last_delivery(int maxDeliveryCount, bool redelivered)
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
            context.Extra = 19;
        });
        await single.WaitAsync(1);
        await many.WaitAsync(1);

        Assert.Equal([false], single.Items);
        Assert.Equal([redelivered], many.Items);
    }
}
