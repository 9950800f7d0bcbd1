using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.ConformanceTests.Routing;

/// <summary>A process that lives long meets clients and endpoints without end.</summary>
public sealed class ForgettingTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Clients_that_were_answered_are_forgotten_when_they_ask_no_more()
    {
        const int clients = 300;
        var answered = 0;
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("enquiries", e => e.Handler<Enquiry>(async x =>
        {
            await x.RespondAsync(new Reply(1));
            Interlocked.Increment(ref answered);
        })));
        for (var i = 0; i < clients; i++)
            await AskAsync($"client_bus_{i}");
        await Eventually.EqualAsync(clients, () => Volatile.Read(ref answered), message: "answers");

        // One that goes on to ask is known; nobody else is kept.
        await Eventually.TrueAsync(async () =>
        {
            await AskAsync("client_bus_again");
            return Engine(bus).Remembered < 10;
        }, TimeSpan.FromSeconds(60), "the clients are forgotten");

        Task AskAsync(string client) => bus.SendAsync("enquiries", new Enquiry(false), x =>
        {
            x.RequestId = NewId.NextGuid();
            x.ResponseAddress = new Uri($"queue:{client}?temporary=true");
        });
    }

    [Fact]
    public async Task Temporary_endpoints_that_were_stopped_are_forgotten()
    {
        await using var bus = await TestBus.StartAsync(_server, _ => { });
        var before = Engine(bus).Remembered;

        for (var i = 0; i < 10; i++)
        {
            var handle = await bus.ConnectAsync($"visitor{i}", e =>
            {
                e.AutoDeleteOnIdle = TimeSpan.FromMinutes(1);
                e.Handler<Reply>(_ => Task.CompletedTask);
            });
            await Eventually.CompletesAsync(handle.StopAsync(), message: "the endpoint's stop");
        }

        Assert.Equal(before, Engine(bus).Remembered);
    }

    static QueueEngine Engine(TestBus bus) =>
        ((RedisHostConfiguration)bus.Services.GetRequiredService<IBusInstance>().HostConfiguration).Engine.Current;
}
