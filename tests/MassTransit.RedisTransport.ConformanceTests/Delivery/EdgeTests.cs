using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Delivery;

public sealed class EdgeTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Cancelled_send_stores_nothing()
    {
        await using var bus = await TestBus.StartAsync(_server);
        var endpoint = await bus.EndpointAsync("counted");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endpoint.Send(new Counted(1), cancelled.Token));

        Assert.Equal(0, (await bus.CountAsync("counted")).Sent);
    }

    [Fact]
    public async Task Message_id_that_is_used_twice_is_delivered_twice()
    {
        var inbox = new Inbox<(Guid?, int)>();
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("counted", e => e.Handler<Counted>(x => inbox.AddAsync((x.MessageId, x.Message.Id)))));
        var id = NewId.NextGuid();

        await bus.SendAsync("counted", new Counted(1), x => x.MessageId = id);
        await bus.SendAsync("counted", new Counted(2), x => x.MessageId = id);

        Assert.Equal([(id, 1), (id, 2)], (await inbox.WaitAsync(2)).OrderBy(x => x.Item2));
    }

    [Fact]
    public async Task Consumer_that_is_cancelled_by_its_own_time_limit_has_failed()
    {
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("counted", e =>
            e.Handler<Counted>(_ => throw new OperationCanceledException("a time limit inside the consumer"))));

        await bus.SendAsync("counted", new Counted(1));

        Assert.Equal(1, (await bus.DrainedAsync("counted")).Moved);
        Assert.Equal(1, (await bus.CountAsync("counted_error")).Ready);
    }

    [Fact]
    public async Task Message_whose_pipe_is_cancelled_outside_its_consumer_comes_again()
    {
        var attempts = new Inbox<bool>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("counted", e =>
        {
            e.UseExecute(x =>
            {
                if (!x.ReceiveContext.Redelivered)
                    throw new OperationCanceledException("a time limit of a filter");
            });
            e.Handler<Counted>(x => attempts.AddAsync(x.ReceiveContext.Redelivered));
        }));

        await bus.SendAsync("counted", new Counted(1));

        Assert.True(await attempts.SingleAsync());
        var counts = await bus.DrainedAsync("counted");
        Assert.Equal((1, 0), (counts.Completed, counts.Moved));
    }

    [Fact]
    public async Task Consumer_that_sends_to_its_own_queue_does_not_block()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("counted", e =>
        {
            e.PrefetchCount = 1;
            e.Handler<Counted>(async x =>
            {
                if (x.Message.Id < 100)
                    await x.Send(x.ReceiveContext.InputAddress, new Counted(x.Message.Id + 1));
                await inbox.AddAsync(x.Message.Id);
            });
        }));

        await bus.SendAsync("counted", new Counted(0));

        Assert.Equal(Enumerable.Range(0, 101), await inbox.WaitAsync(101));
    }

    [Fact]
    public async Task Expiration_time_reaches_the_consumer()
    {
        var inbox = new Inbox<DateTime?>();
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("counted", e => e.Handler<Counted>(x => inbox.AddAsync(x.ExpirationTime))));

        await bus.SendAsync("counted", new Counted(1), x => x.TimeToLive = TimeSpan.FromMinutes(10));

        Assert.InRange((await inbox.SingleAsync())!.Value.ToUniversalTime(), DateTime.UtcNow.AddMinutes(8), DateTime.UtcNow.AddMinutes(11));
    }

    [Fact]
    public async Task Sends_of_one_sender_one_after_the_other_arrive_in_order()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("counted", e =>
        {
            e.PrefetchCount = 50;
            e.ConcurrentMessageLimit = 1;
            e.Handler<Counted>(x => inbox.AddAsync(x.Message.Id));
        }));

        for (var i = 0; i < 500; i++)
            await bus.SendAsync("counted", new Counted(i));

        Assert.Equal(Enumerable.Range(0, 500), await inbox.WaitAsync(500));
    }

    [Fact]
    public async Task Endpoint_of_a_running_bus_that_is_stopped_leaves_its_messages_for_the_next()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server);
        var handle = await bus.ConnectAsync("counted", e => e.Handler<Counted>(x => inbox.AddAsync(x.Message.Id)));
        await bus.SendAsync("counted", new Counted(1));
        await inbox.WaitAsync(1);

        await handle.StopAsync();
        await bus.Bus.Publish(new Counted(2));
        Assert.Equal(1, (await bus.CountAsync("counted")).Ready);
        await using var next = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("counted", e => e.Handler<Counted>(x => inbox.AddAsync(x.Message.Id))), bus.KeyPrefix);

        Assert.Equal([1, 2], await inbox.WaitAsync(2));
    }
}
