using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Routing;

public sealed record Enquiry(bool Fails);

public sealed record Reply(int Number);

/// <summary>A message says where its answer goes, and whoever can write one can say anything. Answers go to queues that exist.</summary>
public sealed class AnswerTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData("queue:nobody", true, false, false)]
    [InlineData("queue:nobody", false, false, false)]
    [InlineData("queue:nobody", true, true, false)]
    [InlineData("queue:nobody", false, true, false)]
    [InlineData("queue:nobody", true, true, true)]
    [InlineData("queue:nobody", false, true, true)]
    [InlineData("exchange:nobody", true, false, false)]
    [InlineData("exchange:nobody", false, false, false)]
    [InlineData("redis://another-name/0/{prefix}/nobody", true, false, false)]
    [InlineData("topic:nobody", true, false, false)]
    public async Task Answer_to_a_queue_that_does_not_exist_is_dropped_and_makes_none(string address, bool isRequest, bool fails,
        bool hasFaultAddress)
    {
        var answered = new Inbox<int>();
        await using var bus = await StartAsync(answered);
        var answer = new Uri(address.Replace("{prefix}", bus.KeyPrefix, StringComparison.Ordinal));

        for (var i = 0; i < 20; i++)
        {
            await bus.SendAsync("enquiries", new Enquiry(fails), x =>
            {
                x.RequestId = isRequest ? NewId.NextGuid() : null;
                x.ResponseAddress = hasFaultAddress ? null : answer;
                x.FaultAddress = hasFaultAddress ? answer : null;
            });
        }

        await answered.WaitAsync(20);
        var counts = await bus.DrainedAsync("enquiries");
        // The answer's being dropped is no failure of the message.
        Assert.Equal(fails ? 20 : 0, counts.Moved);
        Assert.Equal(fails ? 20 : 0, (await bus.CountAsync("enquiries_error")).Ready);
        Assert.False((await bus.CountAsync("nobody")).Exists);
    }

    [Theory]
    [InlineData("queue:replies", true)]
    [InlineData("queue:replies", false)]
    [InlineData("exchange:replies", true)]
    [InlineData("exchange:replies", false)]
    public async Task Answer_to_a_lasting_queue_that_exists_arrives(string address, bool isRequest)
    {
        var replies = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("enquiries", e => e.Handler<Enquiry>(x => x.RespondAsync(new Reply(7))));
            cfg.ReceiveEndpoint("replies", e => e.Handler<Reply>(x => replies.AddAsync(x.Message.Number)));
        });

        await bus.SendAsync("enquiries", new Enquiry(false), x =>
        {
            x.RequestId = isRequest ? NewId.NextGuid() : null;
            x.ResponseAddress = new Uri(address);
        });

        Assert.Equal(7, await replies.SingleAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_consumer_sends_to_an_address_of_its_own_makes_the_queue_though_a_message_names_the_same(bool isRequest)
    {
        var sent = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("enquiries", e => e.Handler<Enquiry>(async x =>
        {
            await x.Send(new Uri("queue:next"), new Reply(1));
            await sent.AddAsync(1);
        })));

        await bus.SendAsync("enquiries", new Enquiry(false), x =>
        {
            x.RequestId = isRequest ? NewId.NextGuid() : null;
            x.ResponseAddress = new Uri("queue:next");
        });

        await sent.WaitAsync(1);
        Assert.Equal(1, (await bus.CountAsync("next")).Ready);
    }

    [Fact]
    public async Task Endpoint_that_was_kept_leads_on_after_the_bus_was_stopped_and_started_again()
    {
        var replies = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("replies", e =>
        {
            e.Subscribe("announced");
            e.Handler<Reply>(x => replies.AddAsync(x.Message.Number));
        }));
        ISendEndpoint[] endpoints =
        [
            await bus.EndpointAsync("replies"), await bus.Bus.GetSendEndpoint(new Uri("topic:announced")),
            await bus.Bus.GetSendEndpoint(new Uri("exchange:replies")),
        ];
        foreach (var endpoint in endpoints)
            await endpoint.Send(new Reply(1));
        await replies.WaitAsync(3);

        await bus.Bus.StopAsync(TimeSpan.FromSeconds(30));
        await bus.Bus.StartAsync(TimeSpan.FromSeconds(30));
        foreach (var endpoint in endpoints)
            await endpoint.Send(new Reply(2));

        Assert.Equal([1, 1, 1, 2, 2, 2], await replies.WaitAsync(6));
    }

    Task<TestBus> StartAsync(Inbox<int> answered) =>
        TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("enquiries", e => e.Handler<Enquiry>(async x =>
    {
        if (x.Message.Fails)
        {
            await answered.AddAsync(0);
            throw new InvalidOperationException("refused");
        }

        await x.RespondAsync(new Reply(1));
        await answered.AddAsync(1);
    })));
}
