using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Faults;

public sealed class SkippedQueueTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Message_no_consumer_takes_goes_to_the_skipped_queue_unchanged()
    {
        var recorder = new ReceiveRecorder();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("jobs", e => e.Handler<Job>(_ => Task.CompletedTask));
            cfg.ReceiveEndpoint("jobs_skipped", e =>
            {
                e.ConfigureConsumeTopology = false;
                e.Handler<OtherJob>(_ => Task.CompletedTask);
            });
        });
        using var handle = bus.Bus.ConnectReceiveObserver(recorder);

        await bus.SendAsync("jobs", new OtherJob(4), x => x.Headers.Set("Tenant", "blue"));

        var received = await recorder.Received.WaitAsync(2);
        var (original, skipped) = (received.Single(x => x.Queue == "jobs"), received.Single(x => x.Queue == "jobs_skipped"));
        Assert.Equal("dead-letter", skipped.Text(MessageHeaders.Reason));
        Assert.Equal(Environment.MachineName, skipped.Text(MessageHeaders.Host.MachineName));
        Assert.Equal(original.Body, skipped.Body);
        Assert.Equal(original.ContentType, skipped.ContentType);
        foreach (var (name, value) in original.Headers)
            Assert.Equal(value, skipped.Headers[name]);
        Assert.Equal("blue", skipped.Text("Tenant"));
    }

    [Fact]
    public async Task Skipped_queue_is_consumed_by_a_receive_endpoint()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
            cfg.ReceiveEndpoint("jobs", e => e.Handler<Job>(_ => Task.CompletedTask)));
        for (var i = 0; i < 10; i++)
            await bus.SendAsync("jobs", new OtherJob(i));
        Assert.Equal(10, (await bus.DrainedAsync("jobs")).Moved);

        await bus.ConnectAsync("jobs_skipped", e =>
        {
            e.ConfigureConsumeTopology = false;
            e.ConcurrentMessageLimit = 1;
            e.Handler<OtherJob>(x => inbox.AddAsync(x.Message.Number));
        });

        Assert.Equal(10, (await inbox.WaitAsync(10)).Distinct().Count());
        Assert.Equal(10, (await bus.DrainedAsync("jobs_skipped")).Completed);
    }

    [Fact]
    public async Task Discarded_skipped_messages_leave_no_trace()
    {
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("jobs", e =>
        {
            e.DiscardSkippedMessages();
            e.Handler<Job>(_ => Task.CompletedTask);
        }));

        await bus.SendAsync("jobs", new OtherJob(1));

        var counts = await bus.DrainedAsync("jobs");
        Assert.Equal((1, 0), (counts.Completed, counts.Moved));
        Assert.False((await bus.CountAsync("jobs_skipped")).Exists);
    }

    [Fact]
    public async Task Discarded_faulted_messages_leave_no_trace_but_their_fault()
    {
        var faults = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("jobs", e =>
            {
                e.DiscardFaultedMessages();
                e.Handler<Job>(_ => throw new JobFailedException("broken"));
            });
            cfg.ReceiveEndpoint("faults", e => e.Handler<Fault<Job>>(x => faults.AddAsync(x.Message.Message.Number)));
        });

        await bus.SendAsync("jobs", new Job(1));

        Assert.Equal(1, await faults.SingleAsync());
        var counts = await bus.DrainedAsync("jobs");
        Assert.Equal((1, 0), (counts.Completed, counts.Moved));
        Assert.False((await bus.CountAsync("jobs_error")).Exists);
    }

    [Fact]
    public async Task Rethrown_faults_are_delivered_again_until_the_limit_and_end_in_the_error_queue()
    {
        var attempts = new Inbox<bool>();
        var dead = new Inbox<(int, string?)>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("jobs", e =>
            {
                e.RethrowFaultedMessages();
                e.MaxDeliveryCount = 3;
                e.Handler<Job>(async x =>
                {
                    await attempts.AddAsync(x.ReceiveContext.Redelivered);
                    throw new JobFailedException("broken");
                });
            });
            cfg.ReceiveEndpoint("jobs_error", e =>
            {
                e.ConfigureConsumeTopology = false;
                e.Handler<Job>(x =>
                    dead.AddAsync((x.Message.Number, x.ReceiveContext.TransportHeaders.Get<string>(MessageHeaders.Reason))));
            });
        });

        await bus.SendAsync("jobs", new Job(5));

        Assert.Equal((5, "max-delivery-count"), await dead.SingleAsync());
        Assert.Equal([false, true, true], attempts.Items);
        Assert.Equal(1, (await bus.DrainedAsync("jobs")).Moved);
    }
}
