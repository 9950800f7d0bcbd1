using MassTransit.RedisTransport.FaultTests.Support;
using MassTransit.RedisTransport.FaultWorker;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Servers;

/// <summary>A server at its memory limit refuses what makes it grow; consumers are the way out.</summary>
public sealed class FullServerTests(ITestOutputHelper output) : FaultTest(output)
{
    static readonly string Padding = new('x', 20_000);

    protected override RedisServerOptions ServerOptions => new() { MaxMemory = "12mb" };

    [SkippableFact]
    public async Task A_full_server_refuses_sends_with_the_cure_and_running_consumers_drain_it()
    {
        Server.SkipIfNotControllable();
        using var open = new SemaphoreSlim(0);
        await using var bus =
            await FaultBus.StartAsync(Server.ConnectionString, Prefix, configure: x => x.ReceiveEndpoint(Queue, endpoint =>
        {
            endpoint.PrefetchCount = 4;
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Handler<Ping>(async context =>
            {
                await open.WaitAsync(context.CancellationToken);
                open.Release();
                Ledger.Consume(context.Message.Id);
            });
        }));
        var refused = await FillAsync(await bus.QueueAsync(Queue));

        open.Release();
        await AssertNothingLostAsync("maxmemory reached, consumers running", $"refused with: {refused.Message}");
        await SendAsync(await bus.QueueAsync(Queue));
        await AssertNothingLostAsync("maxmemory, after");
        Assert.Equal(0, Ledger.Repeats);
    }

    [SkippableFact]
    public async Task Consumers_that_are_started_on_a_full_server_drain_it()
    {
        Server.SkipIfNotControllable();
        // Queue and subscription have been declared before, as in every restart of an application.
        await using (await StartConsumerAsync())
        {
        }

        await using var sender = await FaultBus.StartAsync(Server.ConnectionString, Prefix);
        await FillAsync(await sender.QueueAsync(Queue));

        await using var bus = await StartConsumerAsync();
        await AssertNothingLostAsync("maxmemory reached, consumers started after");
        await SendAsync(await sender.QueueAsync(Queue));
        await AssertNothingLostAsync("maxmemory, after");
        Assert.Equal(0, Ledger.Repeats);
    }

    [SkippableFact]
    public async Task Redeliveries_on_a_full_server_are_put_off_and_are_no_dead_letters()
    {
        Server.SkipIfNotControllable();
        using var open = new SemaphoreSlim(0);
        var failed = 0;
        await using var bus =
            await FaultBus.StartAsync(Server.ConnectionString, Prefix, configure: x => x.ReceiveEndpoint(Queue, endpoint =>
        {
            endpoint.PrefetchCount = 4;
            endpoint.ConfigureConsumeTopology = false;
            endpoint.UseDelayedRedelivery(r => r.Intervals(300, 300));
            endpoint.Handler<Ping>(async context =>
            {
                await open.WaitAsync(context.CancellationToken);
                open.Release();
                if (context.GetRedeliveryCount() == 0)
                {
                    Interlocked.Increment(ref failed);
                    throw new InvalidOperationException("Not yet.");
                }

                Ledger.Consume(context.Message.Id);
            });
        }));
        await FillAsync(await bus.QueueAsync(Queue));

        open.Release();
        await AssertNothingLostAsync("maxmemory reached, every message redelivered once");
        Assert.Equal(Ledger.Confirmed, failed);
        Assert.Equal(0, Ledger.Repeats);
        await using var errors = await QueueProbe.OpenAsync(Server, Prefix, $"{Queue}_error");
        Assert.Equal(0, (await errors.ReadAsync()).Records);
    }

    Task<FaultBus> StartConsumerAsync() =>
        FaultBus.StartAsync(Server.ConnectionString, Prefix, configure: x => x.ReceiveEndpoint(Queue, endpoint =>
        endpoint.Handler<Ping>(context =>
        {
            Ledger.Consume(context.Message.Id);
            return Task.CompletedTask;
        })));

    async Task<RedisTransportException> FillAsync(ISendEndpoint endpoint)
    {
        for (var i = 0; i < 5_000; i++)
        {
            try
            {
                await SendAsync(endpoint);
            }
            catch (RedisTransportException exception)
            {
                Assert.Contains("maxmemory", exception.Message, StringComparison.Ordinal);
                Assert.False(exception.IsTransient);
                // Well below what is there, so that nothing that grows fits by chance.
                await Probe.Server.ConfigSetAsync("maxmemory", "8mb");
                return exception;
            }
        }

        throw new InvalidOperationException("The server never was full.");
    }

    async Task SendAsync(ISendEndpoint endpoint)
    {
        var id = Ledger.NextId();
        await endpoint.Send(new Ping { Id = id, Padding = Padding });
        Ledger.Confirm(id);
    }
}
