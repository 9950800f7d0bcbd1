using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Scheduling;

public sealed class DelayAndExpiryTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Delayed_messages_arrive_in_the_order_of_their_due_times()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("reminders", e => Collect(e, inbox)));

        // In another order than due, and in flight together: then the delays count from one instant, however slow the sends.
        await Task.WhenAll(new[] { 0, 3, 2, 1 }.Select(number =>
            bus.SendAsync("reminders", new Reminder(number), x => x.Delay = TimeSpan.FromMilliseconds(1_000 + number * 300))));

        Assert.Equal([0, 1, 2, 3], await inbox.WaitAsync(4));
    }

    [Fact]
    public async Task Delayed_messages_that_are_overdue_are_taken_in_the_order_of_their_due_times()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server);
        await Task.WhenAll(new[] { 0, 4, 3, 1, 2 }.Select(number =>
            bus.SendAsync("reminders", new Reminder(number), x => x.Delay = TimeSpan.FromMilliseconds(500 + number * 200))));
        await bus.ServerClockPassesAsync(TimeSpan.FromMilliseconds(1_400));

        await bus.ConnectAsync("reminders", e => Collect(e, inbox));

        Assert.Equal([0, 1, 2, 3, 4], await inbox.WaitAsync(5));
    }

    [Fact]
    public async Task Delayed_message_does_not_hold_up_others()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("reminders", e => Collect(e, inbox)));

        await bus.SendAsync("reminders", new Reminder(1), x => x.Delay = TimeSpan.FromMinutes(10));
        await bus.SendAsync("reminders", new Reminder(2));

        Assert.Equal(2, await inbox.SingleAsync());
        Assert.Equal(1, (await bus.CountAsync("reminders")).Delayed);
    }

    [Fact]
    public async Task Message_past_its_time_to_live_is_dropped()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server);
        await bus.SendAsync("reminders", new Reminder(1), x => x.TimeToLive = TimeSpan.FromMilliseconds(100));
        await bus.SendAsync("reminders", new Reminder(2), x => x.TimeToLive = TimeSpan.FromMinutes(1));
        await bus.SendAsync("reminders", new Reminder(3));
        await bus.ServerClockPassesAsync(TimeSpan.FromMilliseconds(150));

        await bus.ConnectAsync("reminders", e => Collect(e, inbox));

        Assert.Equal([2, 3], await inbox.WaitAsync(2));
        await bus.DrainedAsync("reminders");
        Assert.Equal([2, 3], inbox.Items);
        Assert.False((await bus.CountAsync("reminders_skipped")).Exists);
    }

    [Fact]
    public async Task Time_to_live_of_a_delayed_message_counts_from_its_due_time()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("reminders", e => Collect(e, inbox)));

        // Were it counted from the send, the message would be dead 200 ms before it is due.
        await bus.SendAsync("reminders", new Reminder(1), x =>
        {
            x.Delay = TimeSpan.FromMilliseconds(3_200);
            x.TimeToLive = TimeSpan.FromMilliseconds(3_000);
        });

        Assert.Equal(1, await inbox.SingleAsync());
    }

    [Fact]
    public async Task Delayed_message_past_its_due_time_and_time_to_live_is_dropped()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server);
        await bus.SendAsync("reminders", new Reminder(1), x =>
        {
            x.Delay = TimeSpan.FromMilliseconds(100);
            x.TimeToLive = TimeSpan.FromMilliseconds(100);
        });
        await bus.SendAsync("reminders", new Reminder(2), x => x.Delay = TimeSpan.FromMilliseconds(100));
        await bus.ServerClockPassesAsync(TimeSpan.FromMilliseconds(300));

        await bus.ConnectAsync("reminders", e => Collect(e, inbox));

        Assert.Equal([2], await inbox.WaitAsync(1));
        await bus.DrainedAsync("reminders");
        Assert.Equal([2], inbox.Items);
    }

    [Fact]
    public async Task Expired_messages_go_to_the_skipped_queue_where_asked()
    {
        Inbox<int> inbox = new(), skipped = new();
        Inbox<string?> reasons = new();
        await using var bus = await TestBus.StartAsync(_server);
        await bus.SendAsync("reminders", new Reminder(1), x => x.TimeToLive = TimeSpan.FromMilliseconds(50));
        await bus.SendAsync("reminders", new Reminder(2));
        await bus.ServerClockPassesAsync(TimeSpan.FromMilliseconds(100));

        await bus.ConnectAsync("reminders", e =>
        {
            e.DeadLetterExpiredMessages = true;
            Collect(e, inbox);
        });
        await bus.ConnectAsync("reminders_skipped", e =>
        {
            e.ConfigureConsumeTopology = false;
            e.Handler<Reminder>(async x =>
            {
                await reasons.AddAsync(x.ReceiveContext.TransportHeaders.Get<string>(MessageHeaders.Reason));
                await skipped.AddAsync(x.Message.Number);
            });
        });

        Assert.Equal(1, await skipped.SingleAsync());
        Assert.Equal(["expired"], reasons.Items);
        Assert.Equal([2], await inbox.WaitAsync(1));
        Assert.Equal(1, (await bus.DrainedAsync("reminders")).Moved);
    }

    static void Collect(IRedisReceiveEndpointConfigurator endpoint, Inbox<int> inbox)
    {
        endpoint.ConcurrentMessageLimit = 1;
        endpoint.PrefetchCount = 1;
        endpoint.Handler<Reminder>(x => inbox.AddAsync(x.Message.Number));
    }
}
