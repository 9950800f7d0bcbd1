using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Pipeline;

public sealed class InMemoryOutboxTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Nothing_is_sent_when_the_consumer_faults()
    {
        await using var bus = await StartAsync(new Inbox<int>(), _ => throw new InvalidOperationException("broken"));

        await bus.SendAsync("submitted", new Submitted(1));

        Assert.Equal(1, (await bus.DrainedAsync("submitted")).Moved);
        Assert.Equal(1, (await bus.CountAsync("submitted_error")).Ready);
        Assert.Equal(0, (await bus.CountAsync("accepted")).Sent);
    }

    [Fact]
    public async Task Messages_are_sent_once_when_a_retry_succeeds()
    {
        var inbox = new Inbox<int>();
        var attempts = 0;
        await using var bus =
            await StartAsync(inbox, _ => ++attempts < 3 ? throw new InvalidOperationException("not yet") : Task.CompletedTask);

        await bus.SendAsync("submitted", new Submitted(1));

        // Published and sent.
        Assert.Equal([1, 1], await inbox.WaitAsync(2));
        Assert.Equal(1, (await bus.DrainedAsync("submitted")).Completed);
        Assert.Equal(2, (await bus.DrainedAsync("accepted")).Sent);
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task Messages_are_sent_after_the_consumer_has_finished()
    {
        var inbox = new Inbox<int>();
        await using TestBus bus = await StartAsync(inbox, _ => inbox.AddAsync(-1));

        await bus.SendAsync("submitted", new Submitted(1));

        Assert.Equal([-1, 1, 1], await inbox.WaitAsync(3));
    }

    Task<TestBus> StartAsync(Inbox<int> inbox, Func<ConsumeContext, Task> end) => TestBus.StartAsync(_server, (context, cfg) =>
    {
        cfg.ReceiveEndpoint("submitted", e =>
        {
            e.UseMessageRetry(r => r.Immediate(2));
            e.UseInMemoryOutbox(context);
            e.Handler<Submitted>(async x =>
            {
                await x.Publish(new Accepted(x.Message.Number));
                await x.Send(new Uri("queue:accepted"), new Accepted(x.Message.Number));
                await end(x);
            });
        });
        cfg.ReceiveEndpoint("accepted", e => e.Handler<Accepted>(x => inbox.AddAsync(x.Message.Number)));
    });
}
