using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.ConformanceTests.Scheduling;

public sealed record Reminder(int Number);

public sealed record Plan(int Number, string Kind);

public sealed class SchedulerTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);
    static readonly TimeSpan Later = TimeSpan.FromMinutes(10);

    readonly TestServer _server = fixture.Server;

    public static TheoryData<bool> Schedulers => [true, false];

    [Theory]
    [MemberData(nameof(Schedulers))]
    public async Task Scheduled_send_and_publish_arrive_when_due_and_not_before(bool redis)
    {
        Inbox<(int, DateTime)> sent = new();
        await using var bus = await StartAsync(redis, sent);
        await using var scope = bus.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();

        var due = DateTime.UtcNow + Soon;
        await scheduler.ScheduleSend(new Uri("queue:reminders"), due, new Reminder(1));
        await scheduler.SchedulePublish(due, new Reminder(2));

        var seen = await sent.WaitAsync(2);
        Assert.Equal([1, 2], seen.Select(x => x.Item1).Order());
        // The delay is computed by this machine's clock and counted by the server's: 20 ms for the difference.
        Assert.All(seen, x => Assert.True(x.Item2 >= due.AddMilliseconds(-20), $"{due - x.Item2} too early"));
        Assert.Equal(2, (await bus.DrainedAsync("reminders")).Completed);
    }

    [Theory]
    [MemberData(nameof(Schedulers))]
    public async Task Consumer_schedules_sends_and_publishes(bool redis)
    {
        Inbox<(int, DateTime)> sent = new();
        await using var bus = await StartAsync(redis, sent);

        await bus.SendAsync("plans", new Plan(1, "send"));
        await bus.SendAsync("plans", new Plan(2, "publish"));

        Assert.Equal([1, 2], (await sent.WaitAsync(2)).Select(x => x.Item1).Order());
        Assert.Equal(2, (await bus.DrainedAsync("plans")).Completed);
        Assert.Equal(2, (await bus.DrainedAsync("reminders")).Completed);
    }

    [Fact]
    public async Task Scheduled_send_is_cancelled_before_it_is_due()
    {
        Inbox<(int, DateTime)> sent = new();
        await using var bus = await StartAsync(redis: true, sent);
        await using var scope = bus.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        var scheduled = await scheduler.ScheduleSend(new Uri("queue:reminders"), Later, new Reminder(1));
        Assert.Equal(1, (await bus.CountAsync("reminders")).Delayed);

        await scheduler.CancelScheduledSend(new Uri("queue:reminders"), scheduled.TokenId);

        Assert.Equal(1, (await bus.DrainedAsync("reminders")).Cancelled);
        Assert.Empty(sent.Items);
    }

    [Fact]
    public async Task Scheduled_send_is_cancelled_by_its_handle()
    {
        Inbox<(int, DateTime)> sent = new();
        await using var bus = await StartAsync(redis: true, sent);
        await using var scope = bus.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        var scheduled = await scheduler.ScheduleSend(new Uri("queue:reminders"), Later, new Reminder(1));

        await scheduler.CancelScheduledSend(scheduled);

        Assert.Equal(1, (await bus.DrainedAsync("reminders")).Cancelled);
    }

    [Fact]
    public async Task Scheduled_publish_is_cancelled_in_every_queue_it_went_to()
    {
        Inbox<(int, DateTime)> sent = new();
        await using var bus = await StartAsync(redis: true, sent);
        await bus.ConnectAsync("reminders-too", e => e.Handler<Reminder>(x => sent.AddAsync((x.Message.Number, DateTime.UtcNow))));
        await using var scope = bus.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        var scheduled = await scheduler.SchedulePublish(Later, new Reminder(1));
        await scheduler.SchedulePublish(Soon, new Reminder(2));
        Assert.Equal(2, (await bus.CountAsync("reminders")).Sent);
        Assert.Equal(2, (await bus.CountAsync("reminders-too")).Sent);

        await scheduler.CancelScheduledPublish<Reminder>(scheduled.TokenId);

        Assert.Equal(1, (await bus.DrainedAsync("reminders")).Cancelled);
        Assert.Equal(1, (await bus.DrainedAsync("reminders-too")).Cancelled);
        Assert.Equal([2, 2], (await sent.WaitAsync(2)).Select(x => x.Item1));
    }

    [Fact]
    public async Task Consumer_cancels_what_it_has_scheduled()
    {
        Inbox<(int, DateTime)> sent = new();
        await using var bus = await StartAsync(redis: true, sent);

        await bus.SendAsync("plans", new Plan(1, "cancel send"));
        await bus.SendAsync("plans", new Plan(2, "cancel publish"));

        Assert.Equal(2, (await bus.DrainedAsync("plans")).Completed);
        Assert.Equal(2, (await bus.DrainedAsync("reminders")).Cancelled);
        Assert.Empty(sent.Items);
    }

    [Fact]
    public async Task Cancel_after_delivery_is_harmless()
    {
        Inbox<(int, DateTime)> sent = new();
        await using var bus = await StartAsync(redis: true, sent);
        await using var scope = bus.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        var scheduled = await scheduler.ScheduleSend(new Uri("queue:reminders"), TimeSpan.FromMilliseconds(50), new Reminder(1));
        var published = await scheduler.SchedulePublish(TimeSpan.FromMilliseconds(50), new Reminder(2));
        await sent.WaitAsync(2);
        await bus.DrainedAsync("reminders");

        await scheduler.CancelScheduledSend(new Uri("queue:reminders"), scheduled.TokenId);
        await scheduler.CancelScheduledPublish<Reminder>(published.TokenId);
        await scheduler.CancelScheduledSend(new Uri("queue:reminders"), Guid.NewGuid());
        await bus.SendAsync("reminders", new Reminder(3));

        Assert.Equal([1, 2, 3], (await sent.WaitAsync(3)).Select(x => x.Item1).Order());
        Assert.Equal(0, (await bus.DrainedAsync("reminders")).Cancelled);
    }

    [Fact]
    public async Task Cancel_at_an_address_of_another_transport_says_why()
    {
        await using var bus = await StartAsync(redis: true, new());
        await using var scope = bus.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();

        var exception = await Assert.ThrowsAsync<ArgumentException>(() =>
            scheduler.CancelScheduledSend(new Uri("amqp://elsewhere/queue"), Guid.NewGuid()));

        Assert.Contains("amqp", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scheduling_in_the_past_delivers_at_once()
    {
        Inbox<(int, DateTime)> sent = new();
        await using var bus = await StartAsync(redis: true, sent);
        await using var scope = bus.Services.CreateAsyncScope();

        await scope.ServiceProvider.GetRequiredService<IMessageScheduler>()
            .ScheduleSend(new Uri("queue:reminders"), DateTime.UtcNow.AddHours(-1), new Reminder(1));

        Assert.Equal(1, (await sent.SingleAsync()).Item1);
    }

    Task<TestBus> StartAsync(bool redis, Inbox<(int, DateTime)> sent) => TestBus.StartAsync(_server, (_, cfg) =>
    {
        if (redis)
            cfg.UseRedisMessageScheduler();
        else
            cfg.UseDelayedMessageScheduler();
        cfg.ReceiveEndpoint("reminders", e => e.Handler<Reminder>(x => sent.AddAsync((x.Message.Number, DateTime.UtcNow))));
        cfg.ReceiveEndpoint("plans", e => e.Handler<Plan>(CarryOutAsync));
    }, x =>
    {
        if (redis)
            x.AddRedisMessageScheduler();
        else
            x.AddDelayedMessageScheduler();
    });

    static async Task CarryOutAsync(ConsumeContext<Plan> context)
    {
        var queue = new Uri("queue:reminders");
        var reminder = new Reminder(context.Message.Number);
        switch (context.Message.Kind)
        {
            case "send":
                await context.ScheduleSend(queue, Soon, reminder);
                break;
            case "publish":
                await context.SchedulePublish(Soon, reminder);
                break;
            case "cancel send":
                var sent = await context.ScheduleSend(queue, Later, reminder);
                await context.CancelScheduledSend(sent);
                break;
            default:
                var published = await context.SchedulePublish(Later, reminder);
                await context.GetPayload<MessageSchedulerContext>().CancelScheduledPublish<Reminder>(published.TokenId);
                break;
        }
    }
}
