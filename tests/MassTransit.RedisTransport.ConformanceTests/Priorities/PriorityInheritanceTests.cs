using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Priorities;

public sealed class PriorityInheritanceTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData("send")]
    [InlineData("publish")]
    [InlineData("forward")]
    [InlineData("send through an outbox")]
    [InlineData("schedule")]
    public async Task Message_from_a_consumer_is_as_urgent_as_what_it_consumed(string how)
    {
        var inbox = new Inbox<byte?>();
        await using var bus = await StartAsync(inbox, how, own: null);

        await bus.SendAsync("tickets", new Ticket(0, 1), x => x.SetPriority(77));

        Assert.Equal((byte)77, await inbox.SingleAsync());
    }

    [Theory]
    [InlineData("send")]
    [InlineData("publish")]
    [InlineData("send through an outbox")]
    public async Task Message_from_a_consumer_may_have_a_priority_of_its_own(string how)
    {
        var inbox = new Inbox<byte?>();
        await using var bus = await StartAsync(inbox, how, own: 0);

        await bus.SendAsync("tickets", new Ticket(0, 1), x => x.SetPriority(77));

        Assert.Equal((byte)0, await inbox.SingleAsync());
    }

    [Fact]
    public async Task Priority_is_kept_through_retry_and_into_the_error_queue()
    {
        Inbox<byte?> tried = new(), dead = new();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("tickets", e =>
            {
                e.UseMessageRetry(r => r.Immediate(2));
                e.Handler<Ticket>(async x =>
                {
                    await tried.AddAsync(x.GetPriority());
                    throw new InvalidOperationException("broken");
                });
            });
            cfg.ReceiveEndpoint("tickets_error", e =>
            {
                e.ConfigureConsumeTopology = false;
                e.Handler<Ticket>(x => dead.AddAsync(x.GetPriority()));
            });
        });

        await bus.SendAsync("tickets", new Ticket(0, 1), x => x.SetPriority(201));

        Assert.Equal((byte)201, await dead.SingleAsync());
        Assert.Equal([(byte)201, (byte)201, (byte)201], tried.Items);
    }

    [Fact]
    public async Task Priority_orders_messages_that_were_delayed()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server);
        foreach (var priority in (int[])[1, 200, 30])
        {
            await bus.SendAsync("tickets", new Ticket(priority, 0), x =>
            {
                x.SetPriority(priority);
                x.Delay = TimeSpan.FromMilliseconds(200);
            });
        }

        await bus.ServerClockPassesAsync(TimeSpan.FromMilliseconds(300));
        await bus.ConnectAsync("tickets", e =>
        {
            e.PrefetchCount = 1;
            e.Handler<Ticket>(x => inbox.AddAsync(x.Message.Priority));
        });

        Assert.Equal([200, 30, 1], await inbox.WaitAsync(3));
    }

    Task<TestBus> StartAsync(Inbox<byte?> inbox, string how, int? own) => TestBus.StartAsync(_server, (context, cfg) =>
    {
        cfg.UseRedisMessageScheduler();
        cfg.ReceiveEndpoint("notes", e =>
        {
            e.Handler<Note>(x => inbox.AddAsync(x.GetPriority()));
            e.Handler<Ticket>(x => inbox.AddAsync(x.GetPriority()));
            e.ConfigureConsumeTopology = how == "publish";
        });
        cfg.ReceiveEndpoint("tickets", e =>
        {
            e.ConfigureConsumeTopology = false;
            if (how == "send through an outbox")
                e.UseInMemoryOutbox(context);
            e.Handler<Ticket>(async x =>
            {
                var note = new Note(x.Message.Number);
                var queue = new Uri("queue:notes");
                var pipe = Pipe.Execute<SendContext>(s =>
                {
                    if (own is { } priority)
                        s.SetPriority(priority);
                });
                await (how switch
                {
                    "publish" => x.Publish(note, pipe),
                    "forward" => x.Forward(queue),
                    "schedule" => x.ScheduleSend(queue, TimeSpan.FromMilliseconds(20), note),
                    _ => x.Send(queue, note, pipe),
                });
            });
        });
    });
}
