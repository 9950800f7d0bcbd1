using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Priorities;

public sealed record Ticket(int Priority, int Number);

public sealed record Note(int Number);

public sealed class PriorityTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task All_256_priorities_are_strict_and_each_is_first_in_first_out()
    {
        var inbox = new Inbox<Ticket>();
        await using var bus = await TestBus.StartAsync(_server);
        var random = new Random(17);
        var numbers = new int[256];
        // Three of each, in any order, one after the other: so their order within a priority is known.
        foreach (var priority in Enumerable.Range(0, 768).Select(i => i % 256).OrderBy(_ => random.Next()))
            await SendAsync(bus, priority, numbers[priority]++);

        await bus.ConnectAsync("tickets", e => Collect(e, inbox));

        var expected = Enumerable.Range(0, 256).Reverse().SelectMany(p => Enumerable.Range(0, 3).Select(n => new Ticket(p, n)));
        Assert.Equal(expected, await inbox.WaitAsync(768));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(500)]
    public async Task Prefetched_messages_keep_their_order(ushort prefetch)
    {
        var inbox = new Inbox<Ticket>();
        await using var bus = await TestBus.StartAsync(_server);
        for (var i = 0; i < 200; i++)
            await SendAsync(bus, i % 4, i / 4);

        await bus.ConnectAsync("tickets", e => Collect(e, inbox, prefetch));

        var expected = Enumerable.Range(0, 4).Reverse().SelectMany(p => Enumerable.Range(0, 50).Select(n => new Ticket(p, n)));
        Assert.Equal(expected, await inbox.WaitAsync(200));
    }

    [Fact]
    public async Task Urgent_message_passes_those_that_wait_while_the_consumer_works()
    {
        var inbox = new Inbox<Ticket>();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("tickets", e =>
        {
            e.PrefetchCount = 1;
            e.ConcurrentMessageLimit = 1;
            e.Handler<Ticket>(async x =>
            {
                await inbox.AddAsync(x.Message);
                started.TrySetResult();
                await go.Task;
            });
        }));
        await SendAsync(bus, 0, 0);
        await Eventually.CompletesAsync(started.Task);
        for (var i = 1; i <= 10; i++)
            await SendAsync(bus, 0, i);
        await SendAsync(bus, 255, 0);

        go.SetResult();

        Assert.Equal(new Ticket(255, 0), (await inbox.WaitAsync(12))[1]);
    }

    [Fact]
    public async Task Priority_orders_published_messages_too()
    {
        var inbox = new Inbox<Ticket>();
        await using var bus = await TestBus.StartAsync(_server);
        var handle = await bus.ConnectAsync("tickets", e => Collect(e, inbox));
        await handle.StopAsync();

        foreach (var priority in (int[])[1, 9, 5])
            await bus.Bus.Publish(new Ticket(priority, 0), x => x.SetPriority(priority));

        await using var second =
            await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("tickets", e => Collect(e, inbox)), bus.KeyPrefix);
        Assert.Equal([9, 5, 1], (await inbox.WaitAsync(3)).Select(x => x.Priority));
    }

    [Fact]
    public async Task Message_without_priority_has_priority_zero()
    {
        var inbox = new Inbox<byte?>();
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("tickets", e => e.Handler<Ticket>(x => inbox.AddAsync(x.GetPriority()))));

        await bus.SendAsync("tickets", new Ticket(0, 0));

        Assert.Equal((byte)0, await inbox.SingleAsync());
    }

    [Fact]
    public async Task Priority_is_set_by_byte_by_int_and_by_its_own_name()
    {
        var inbox = new Inbox<(int, byte?)>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("tickets", e =>
            e.Handler<Ticket>(x => inbox.AddAsync((x.Message.Number, x.GetPriority())))));

        await bus.SendAsync("tickets", new Ticket(0, 1), x => x.SetPriority((byte)11));
        await bus.SendAsync("tickets", new Ticket(0, 2), x => x.SetPriority(22));
        await bus.SendAsync("tickets", new Ticket(0, 3), x => x.SetRedisPriority(33));
        await bus.SendAsync("tickets", new Ticket(0, 4), x => Assert.True(x.TrySetPriority(44)));
        await bus.SendAsync("tickets", new Ticket(0, 5), x => x.SetPriority(255));

        Assert.Equal([(1, (byte?)11), (2, (byte?)22), (3, (byte?)33), (4, (byte?)44), (5, (byte?)255)],
            (await inbox.WaitAsync(5)).OrderBy(x => x.Item1));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(256)]
    [InlineData(int.MaxValue)]
    public async Task Priority_out_of_range_fails_the_send(int priority)
    {
        await using var bus = await TestBus.StartAsync(_server);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            bus.SendAsync("tickets", new Ticket(0, 0), x => x.SetPriority(priority)));

        Assert.Equal(0, (await bus.CountAsync("tickets")).Sent);
    }

    [Fact]
    public async Task Priority_of_another_transport_says_what_to_use()
    {
        var bus = Bus.Factory.CreateUsingInMemory(_ => { });
        await bus.StartAsync();
        try
        {
            var exception = await Assert.ThrowsAnyAsync<ArgumentException>(() => bus.Publish(new Note(1), x => x.SetRedisPriority(3)));
            Assert.Contains("TrySetPriority", exception.Message, StringComparison.Ordinal);
            await bus.Publish(new Note(2), x => Assert.False(x.TrySetPriority(3)));
        }
        finally
        {
            await bus.StopAsync();
        }
    }

    static Task SendAsync(TestBus bus, int priority, int number) =>
        bus.SendAsync("tickets", new Ticket(priority, number), x => x.SetPriority(priority));

    static void Collect(IRedisReceiveEndpointConfigurator endpoint, Inbox<Ticket> inbox, ushort prefetch = 1)
    {
        endpoint.PrefetchCount = prefetch;
        endpoint.ConcurrentMessageLimit = 1;
        endpoint.Handler<Ticket>(x => inbox.AddAsync(x.Message));
    }
}
