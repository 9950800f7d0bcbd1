using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Delivery;

public sealed record OrderPlaced(int Number);

public sealed record Unheard(int Number);

public sealed class PublishAndSendTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Sent_message_reaches_its_queue_and_no_other()
    {
        Inbox<int> here = new(), elsewhere = new();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("here", e => e.Handler<OrderPlaced>(x => here.AddAsync(x.Message.Number)));
            cfg.ReceiveEndpoint("elsewhere", e => e.Handler<OrderPlaced>(x => elsewhere.AddAsync(x.Message.Number)));
        });

        await bus.SendAsync("here", new OrderPlaced(7));

        Assert.Equal(7, await here.SingleAsync());
        Assert.Equal(1, (await bus.DrainedAsync("here")).Completed);
        Assert.Equal(0, (await bus.CountAsync("elsewhere")).Sent);
    }

    [Fact]
    public async Task Published_message_reaches_each_endpoint_once()
    {
        Inbox<int> first = new(), second = new();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("first", e => e.Handler<OrderPlaced>(x => first.AddAsync(x.Message.Number)));
            cfg.ReceiveEndpoint("second", e => e.Handler<OrderPlaced>(x => second.AddAsync(x.Message.Number)));
        });

        for (var i = 0; i < 20; i++)
            await bus.Bus.Publish(new OrderPlaced(i));

        Assert.Equal(Enumerable.Range(0, 20), (await first.WaitAsync(20)).Order());
        Assert.Equal(Enumerable.Range(0, 20), (await second.WaitAsync(20)).Order());
        Assert.Equal(20, (await bus.DrainedAsync("first")).Completed);
        Assert.Equal(20, (await bus.DrainedAsync("second")).Completed);
    }

    [Fact]
    public async Task Consumers_of_one_endpoint_each_get_the_message_of_one_delivery()
    {
        Inbox<int> one = new(), two = new();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("orders", e =>
        {
            e.Handler<OrderPlaced>(x => one.AddAsync(x.Message.Number));
            e.Handler<OrderPlaced>(x => two.AddAsync(x.Message.Number));
        }));

        await bus.Bus.Publish(new OrderPlaced(3));

        Assert.Equal(3, await one.SingleAsync());
        Assert.Equal(3, await two.SingleAsync());
        Assert.Equal(1, (await bus.DrainedAsync("orders")).Completed);
    }

    [Fact]
    public async Task Processes_that_share_a_queue_get_each_message_once()
    {
        Inbox<int> left = new(), right = new();
        await using var one = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("orders", e =>
        {
            e.PrefetchCount = 4;
            e.Handler<OrderPlaced>(x => left.AddAsync(x.Message.Number));
        }));
        await using var two = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("orders", e =>
        {
            e.PrefetchCount = 4;
            e.Handler<OrderPlaced>(x => right.AddAsync(x.Message.Number));
        }), one.KeyPrefix);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => (i % 2 == 0 ? one : two).Bus.Publish(new OrderPlaced(i))));

        await Eventually.EqualAsync(500, () => left.Count + right.Count);
        Assert.Equal(Enumerable.Range(0, 500), left.Items.Concat(right.Items).Order());
        Assert.Equal(500, (await one.DrainedAsync("orders")).Completed);
    }

    [Fact]
    public async Task Publish_without_subscribers_completes()
    {
        await using var bus = await TestBus.StartAsync(_server);

        await Eventually.CompletesAsync(bus.Bus.Publish(new Unheard(1)));
        await Eventually.CompletesAsync(bus.Bus.Publish(new Unheard(2)));
    }

    [Fact]
    public async Task Subscriber_that_comes_later_gets_what_is_published_from_then_on()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server);
        await bus.Bus.Publish(new OrderPlaced(1));

        await bus.ConnectAsync("late", e => e.Handler<OrderPlaced>(x => inbox.AddAsync(x.Message.Number)));
        await bus.Bus.Publish(new OrderPlaced(2));

        Assert.Equal(2, await inbox.SingleAsync());
    }

    [Fact]
    public async Task Subscriber_in_another_process_is_seen_by_a_publisher_that_had_none()
    {
        var inbox = new Inbox<int>();
        await using var publisher = await TestBus.StartAsync(_server);
        await publisher.Bus.Publish(new OrderPlaced(1));
        await using var consumer = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("orders", e => e.Handler<OrderPlaced>(x => inbox.AddAsync(x.Message.Number))), publisher.KeyPrefix);

        await publisher.Bus.Publish(new OrderPlaced(2));

        Assert.Equal(2, await inbox.SingleAsync());
    }

    [Fact]
    public async Task Message_sent_before_its_queue_had_a_receiver_is_kept_for_it()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server);
        await bus.SendAsync("orders", new OrderPlaced(5));

        await bus.ConnectAsync("orders", e => e.Handler<OrderPlaced>(x => inbox.AddAsync(x.Message.Number)));

        Assert.Equal(5, await inbox.SingleAsync());
    }

    [Fact]
    public async Task Message_initializers_and_interfaces_are_published()
    {
        var inbox = new Inbox<(Guid, string)>();
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("shipped", e => e.Handler<IShipped>(x => inbox.AddAsync((x.Message.Id, x.Message.Carrier)))));

        var id = NewId.NextGuid();
        await bus.Bus.Publish<IShipped>(new { Id = id, Carrier = "post" });

        Assert.Equal((id, "post"), await inbox.SingleAsync());
    }
}

public interface IShipped
{
    Guid Id { get; }

    string Carrier { get; }
}
