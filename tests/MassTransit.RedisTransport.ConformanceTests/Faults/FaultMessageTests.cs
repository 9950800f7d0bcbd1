using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Faults;

public sealed class FaultMessageTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Fault_is_published_with_the_message_and_the_exception()
    {
        var faults = new Inbox<ConsumeContext<Fault<Job>>>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("jobs", e => e.Handler<Job>(_ => throw new JobFailedException("broken")));
            cfg.ReceiveEndpoint("faults", e => e.Handler<Fault<Job>>(faults.AddAsync));
        });
        var correlation = NewId.NextGuid();

        await bus.SendAsync("jobs", new Job(9), x => x.CorrelationId = correlation);

        var context = await faults.SingleAsync();
        Assert.Equal(9, context.Message.Message.Number);
        var exception = Assert.Single(context.Message.Exceptions);
        Assert.Equal("broken", exception.Message);
        Assert.Equal(typeof(JobFailedException).FullName, exception.ExceptionType);
        Assert.NotNull(context.Message.FaultedMessageId);
        Assert.NotNull(context.ConversationId);
        Assert.Equal(correlation, context.InitiatorId ?? context.CorrelationId);
        Assert.NotNull(context.Message.Host);
    }

    [Fact]
    public async Task Fault_goes_to_the_fault_address_where_one_is_given()
    {
        Inbox<int> here = new(), published = new();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("jobs", e => e.Handler<Job>(_ => throw new JobFailedException("broken")));
            cfg.ReceiveEndpoint("my-faults", e =>
            {
                e.ConfigureConsumeTopology = false;
                e.Handler<Fault<Job>>(x => here.AddAsync(x.Message.Message.Number));
            });
            cfg.ReceiveEndpoint("all-faults", e => e.Handler<Fault<Job>>(x => published.AddAsync(x.Message.Message.Number)));
        });

        await bus.SendAsync("jobs", new Job(2),
            x => x.FaultAddress = new Uri($"{bus.Bus.Address.GetLeftPart(UriPartial.Authority)}/0/{bus.KeyPrefix}/my-faults"));

        Assert.Equal(2, await here.SingleAsync());
        Assert.Equal(1, (await bus.DrainedAsync("jobs")).Moved);
        Assert.Equal(0, (await bus.CountAsync("all-faults")).Sent);
    }

    [Fact]
    public async Task No_fault_is_published_where_that_is_turned_off()
    {
        var faults = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("jobs", e =>
            {
                e.PublishFaults = false;
                e.Handler<Job>(_ => throw new JobFailedException("broken"));
            });
            cfg.ReceiveEndpoint("faults", e => e.Handler<Fault<Job>>(x => faults.AddAsync(x.Message.Message.Number)));
        });

        await bus.SendAsync("jobs", new Job(2));

        Assert.Equal(1, (await bus.DrainedAsync("jobs")).Moved);
        Assert.Equal(0, (await bus.CountAsync("faults")).Sent);
    }

    [Fact]
    public async Task Fault_nobody_subscribes_to_does_not_keep_the_message_from_its_error_queue()
    {
        await using var bus = await TestBus.StartAsync(_server, cfg =>
            cfg.ReceiveEndpoint("jobs", e => e.Handler<Job>(_ => throw new JobFailedException("broken"))));

        await bus.SendAsync("jobs", new Job(2));

        Assert.Equal(1, (await bus.DrainedAsync("jobs")).Moved);
        Assert.Equal(1, (await bus.CountAsync("jobs_error")).Ready);
    }
}
