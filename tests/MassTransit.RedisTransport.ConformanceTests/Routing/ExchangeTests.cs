using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.ConformanceTests.Routing;

/// <summary>
/// Code that was written for RabbitMQ sends to exchanges: each endpoint has one of its queue's name, each message type one of its own.
/// </summary>
public sealed class ExchangeTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData("exchange:letters")]
    [InlineData("exchange:letters?type=fanout&durable=true")]
    [InlineData("exchange:letters?temporary=true")]
    [InlineData("exchange:letters?bind=true&queue=letters")]
    [InlineData("exchange:MassTransit.RedisTransport.ConformanceTests.Routing:Letter")]
    public async Task Exchange_leads_to_the_endpoint_of_its_name_and_to_those_that_consume_its_type(string address)
    {
        var inbox = new Inbox<string>();
        await using var bus = await StartAsync(inbox);

        await (await bus.Bus.GetSendEndpoint(new Uri(address))).Send(new Letter(address));

        Assert.Equal(address, await inbox.SingleAsync());
    }

    [Fact]
    public async Task Queue_and_subscribers_of_one_name_get_a_message_once_each()
    {
        var queue = new Inbox<string>();
        var subscriber = new Inbox<string>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("letters", e => Receive(e, queue, "letters"));
            cfg.ReceiveEndpoint("archive", e => Receive(e, subscriber, "letters"));
        });
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("exchange:letters"));

        for (var i = 0; i < 5; i++)
            await endpoint.Send(new Letter($"{i}"));

        Assert.Equal(5, (await queue.WaitAsync(5)).Count);
        Assert.Equal(5, (await subscriber.WaitAsync(5)).Count);
        Assert.Equal(5, (await bus.DrainedAsync("letters")).Sent);
        Assert.Equal(5, (await bus.DrainedAsync("archive")).Sent);

        static void Receive(IRedisReceiveEndpointConfigurator endpoint, Inbox<string> inbox, string topic)
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Subscribe(topic);
            endpoint.Handler<Letter>(x => inbox.AddAsync(x.Message.Text));
        }
    }

    [Fact]
    public async Task Message_waits_for_an_endpoint_that_has_stopped()
    {
        var inbox = new Inbox<string>();
        var prefix = TestNames.Unique("exchange");
        await using (await StartAsync(inbox, prefix))
        {
        }

        await SendAsync();
        await using var again = await StartAsync(inbox, prefix);

        Assert.Equal("waits", await inbox.SingleAsync());

        async Task SendAsync()
        {
            await using var sender = await TestBus.StartAsync(_server, _ => { }, prefix);
            await (await sender.Bus.GetSendEndpoint(new Uri("exchange:letters"))).Send(new Letter("waits"));
        }
    }

    [Fact]
    public async Task Exchange_that_leads_nowhere_is_refused_with_the_cure_and_makes_no_queue()
    {
        await using var bus = await TestBus.StartAsync(_server, _ => { });

        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("exchange:nobody"));
        var refusal = await Assert.ThrowsAsync<RedisMessageNotRoutedException>(() => endpoint.Send(new Letter("lost")));

        Assert.Contains("queue:nobody", refusal.Message, StringComparison.Ordinal);
        Assert.False((await bus.CountAsync("nobody")).Exists);
    }

    [Fact]
    public async Task Scheduled_message_to_an_exchange_can_be_cancelled()
    {
        await using var bus = await TestBus.StartAsync(_server,
            (_, cfg) => cfg.ReceiveEndpoint("letters", e => e.Handler<Letter>(_ => Task.CompletedTask)), x => x.AddRedisMessageScheduler());
        await using var scope = bus.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        var address = new Uri("exchange:letters");
        var scheduled = await scheduler.ScheduleSend(address, DateTime.UtcNow.AddHours(1), new Letter("never"));
        Assert.Equal(1, (await bus.CountAsync("letters")).Delayed);

        await scheduler.CancelScheduledSend(address, scheduled.TokenId);

        Assert.Equal(0, (await bus.CountAsync("letters")).Delayed);
    }

    Task<TestBus> StartAsync(Inbox<string> inbox, string? prefix = null) => TestBus.StartAsync(_server,
        cfg => cfg.ReceiveEndpoint("letters", e => e.Handler<Letter>(x => inbox.AddAsync(x.Message.Text))), prefix);
}
