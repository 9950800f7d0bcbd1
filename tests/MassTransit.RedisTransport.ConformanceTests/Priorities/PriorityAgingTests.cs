using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Priorities;

public sealed class PriorityAgingTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Aging_lets_old_messages_pass_urgent_ones_that_came_later()
    {
        var inbox = new Inbox<int>();
        var aging = TimeSpan.FromMilliseconds(100);
        await using var bus = await TestBus.StartAsync(_server);
        var handle = await bus.ConnectAsync("tickets", e => Collect(e, inbox, aging));
        await handle.StopAsync();

        await SendAsync(bus, 0, 1);
        // 5 steps are worth 500 ms, which pass before the next are sent: priority 5 has lost its head start, 255 has not.
        await bus.ServerClockPassesAsync(TimeSpan.FromMilliseconds(600));
        await SendAsync(bus, 5, 2);
        await SendAsync(bus, 255, 3);

        await using var second =
            await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("tickets", e => Collect(e, inbox, aging)), bus.KeyPrefix);
        Assert.Equal([3, 1, 2], await inbox.WaitAsync(3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Urgent_messages_that_never_end_starve_the_others_unless_the_queue_ages(bool ages)
    {
        var low = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var urgent = 0;
        // Ten steps of 20 ms: the message of priority 0 is passed by those that come within 200 ms, and then by none.
        var aging = ages ? TimeSpan.FromMilliseconds(20) : (TimeSpan?)null;
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("tickets", e =>
        {
            e.PriorityAging = aging;
            e.PrefetchCount = 1;
            e.Handler<Ticket>(async x =>
            {
                if (x.Message.Number == 0)
                    low.TrySetResult();
                else if (!low.Task.IsCompleted && Interlocked.Increment(ref urgent) < (ages ? int.MaxValue : 300))
                    await x.Send(new Uri("queue:tickets"), new Ticket(10, 1), s => s.SetPriority(10));
            });
        }));

        // Two in the queue at all times: one waits whenever the other is consumed.
        await SendAsync(bus, 10, 1);
        await SendAsync(bus, 10, 1);
        await SendAsync(bus, 0, 0);

        await Eventually.CompletesAsync(low.Task);
        if (!ages)
            Assert.InRange(urgent, 300, 302);
        await bus.DrainedAsync("tickets");
    }

    static Task SendAsync(TestBus bus, int priority, int number) =>
        bus.SendAsync("tickets", new Ticket(priority, number), x => x.SetPriority(priority));

    static void Collect(IRedisReceiveEndpointConfigurator endpoint, Inbox<int> inbox, TimeSpan aging)
    {
        endpoint.PriorityAging = aging;
        endpoint.PrefetchCount = 1;
        endpoint.Handler<Ticket>(x => inbox.AddAsync(x.Message.Number));
    }
}
