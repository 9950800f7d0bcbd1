using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Routing;

/// <summary>A message that must not go nowhere (<see cref="PublishContext.Mandatory"/>), as on RabbitMQ.</summary>
public sealed class MandatoryTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Mandatory_message_without_a_subscription_is_refused_and_any_other_is_dropped()
    {
        await using var bus = await TestBus.StartAsync(_server, _ => { });

        await bus.Bus.Publish(new Letter("dropped"));
        var refusal =
            await Assert.ThrowsAsync<RedisMessageNotRoutedException>(() => bus.Bus.Publish(new Letter("refused"), x => x.Mandatory = true));

        Assert.Contains("No queue is subscribed", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Letter", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mandatory_message_waits_in_the_queue_of_a_receiver_that_has_stopped()
    {
        var inbox = new Inbox<string>();
        var prefix = TestNames.Unique("mandatory");
        await using (await StartAsync(inbox, prefix))
        {
        }

        await PublishAsync();
        await using var again = await StartAsync(inbox, prefix);

        Assert.Equal("kept", await inbox.SingleAsync());

        // In a method of its own: MassTransit's log context stays with the flow that has published, and the bus's log ends with the bus.
        async Task PublishAsync()
        {
            await using var sender = await TestBus.StartAsync(_server, _ => { }, prefix);
            await sender.Bus.Publish(new Letter("kept"), x => x.Mandatory = true);
        }
    }

    [Fact]
    public async Task Mandatory_message_to_one_queue_of_several_that_is_still_there_is_delivered()
    {
        var inbox = new Inbox<string>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("letters", e => e.Handler<Letter>(x => inbox.AddAsync(x.Message.Text)));
            cfg.ReceiveEndpoint("temporary", e =>
            {
                e.AutoDeleteOnIdle = TimeSpan.FromMinutes(1);
                e.Handler<Letter>(_ => Task.CompletedTask);
            });
        });

        await bus.Bus.Publish(new Letter("delivered"), x => x.Mandatory = true);

        Assert.Equal("delivered", await inbox.SingleAsync());
    }

    Task<TestBus> StartAsync(Inbox<string> inbox, string? keyPrefix = null) => TestBus.StartAsync(_server,
        cfg => cfg.ReceiveEndpoint("letters", e => e.Handler<Letter>(x => inbox.AddAsync(x.Message.Text))), keyPrefix);
}
