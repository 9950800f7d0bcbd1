using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Features;

public sealed class OutboxTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Outbox_in_memory_sends_after_the_consumer_succeeded_and_nothing_of_failed_attempts()
    {
        var attempts = new Inbox<int>();
        var sentInside = new Inbox<long>();
        var received = new Inbox<(int Number, byte? Priority)>();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) =>
        {
            cfg.ReceiveEndpoint("work", e =>
            {
                e.UseMessageRetry(r => r.Immediate(3));
#pragma warning disable CS0618 // The form without a container's context: this endpoint has handlers only.
                e.UseInMemoryOutbox();
#pragma warning restore CS0618
                e.Handler<Ping>(async context =>
                {
                    attempts.Add(attempts.Count);
                    await context.Send(new Uri("queue:results"), new Pong(attempts.Count),
                        Pipe.Execute<SendContext<Pong>>(s => s.SetPriority((byte)7)));
                    if (attempts.Count < 3)
                        throw new InvalidOperationException("not yet");
                });
            });
            cfg.ReceiveEndpoint("results", e => e.Handler<Pong>(context =>
            {
                received.Add((context.Message.Number, context.GetPriority()));
                return Task.CompletedTask;
            }));
        });
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        await app.SendAsync("work", new Ping(1));
        await received.WaitAsync(1);
        await server.EmptyAsync("work");
        await server.EmptyAsync("results");
        Assert.Equal([(3, (byte?)7)], received.Items);
        Assert.Equal(1, (await server.CountAsync("results")).Sent);
    }

    [Fact]
    public async Task Transactional_bus_sends_nothing_until_it_is_released()
    {
        var received = new Inbox<int>();
        await using var app =
            await TestApp.StartAsync(redis.Server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(context =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        })));
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);

        var bus = new Transactions.TransactionalBus(app.Bus);
        await bus.Publish(new Ping(1));
        await (await bus.GetSendEndpoint(new Uri("queue:work"))).Send(new Ping(2));
        Assert.Equal(0, (await server.CountAsync("work")).Sent);

        await bus.Release();
        await received.WaitAsync(2);
        Assert.Equal([1, 2], received.Items.Order());
    }
}
