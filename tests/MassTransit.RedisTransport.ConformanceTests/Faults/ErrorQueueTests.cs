using System.Globalization;
using System.Text;
using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Faults;

public sealed class ErrorQueueTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Error_queue_holds_every_fault_header_and_the_host_headers()
    {
        var (original, dead) = await FailAsync(new Job(1));

        Assert.Equal("jobs_error", dead.Queue);
        Assert.Equal("fault", dead.Text(MessageHeaders.Reason));
        Assert.Equal(typeof(JobFailedException).FullName, dead.Text(MessageHeaders.FaultExceptionType));
        Assert.Equal("broken", dead.Text(MessageHeaders.FaultMessage));
        Assert.Contains(nameof(ErrorQueueTests), dead.Text(MessageHeaders.FaultStackTrace), StringComparison.Ordinal);
        Assert.EndsWith("/jobs", dead.Text(MessageHeaders.FaultInputAddress), StringComparison.Ordinal);
        Assert.Contains(nameof(FailingConsumer), dead.Text(MessageHeaders.FaultConsumerType), StringComparison.Ordinal);
        Assert.Contains("Job", dead.Text(MessageHeaders.FaultMessageType), StringComparison.Ordinal);
        Assert.Equal("1", Convert.ToString(dead.Headers[MessageHeaders.FaultRetryCount], CultureInfo.InvariantCulture));
        var time = DateTimeOffset.Parse(dead.Text(MessageHeaders.FaultTimestamp), CultureInfo.InvariantCulture);
        Assert.InRange(time, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));

        foreach (var header in new[]
                 {
                     MessageHeaders.Host.MachineName, MessageHeaders.Host.ProcessName, MessageHeaders.Host.ProcessId,
                     MessageHeaders.Host.Assembly,
                     MessageHeaders.Host.AssemblyVersion, MessageHeaders.Host.MassTransitVersion, MessageHeaders.Host.FrameworkVersion,
                     MessageHeaders.Host.OperatingSystemVersion,
                 })
            Assert.False(string.IsNullOrEmpty(Convert.ToString(dead.Headers[header], CultureInfo.InvariantCulture)), header);
        Assert.Equal(Environment.MachineName, dead.Text(MessageHeaders.Host.MachineName));
        Assert.Equal("jobs", original.Queue);
    }

    [Fact]
    public async Task Error_queue_keeps_body_content_type_and_transport_headers()
    {
        var (original, dead) = await FailAsync(new Job(2), x =>
        {
            x.Headers.Set("Tenant", "blue");
            x.Headers.Set("Attempt", 12);
        });

        Assert.Equal(original.Body, dead.Body);
        Assert.Equal(original.ContentType, dead.ContentType);
        Assert.Equal("application/vnd.masstransit+json", dead.ContentType);
        foreach (var (name, value) in original.Headers)
            Assert.Equal(value, dead.Headers[name]);
        Assert.Equal("blue", dead.Headers["Tenant"]);
        Assert.Equal(12, dead.Headers["Attempt"]);
    }

    [Theory]
    [InlineData("{ this is not JSON", "application/vnd.masstransit+json")]
    [InlineData("\0\u0001\uFFFDbinary", "application/octet-stream")]
    [InlineData("", "application/vnd.masstransit+json")]
    [InlineData("<xml/>", "text/xml; charset=utf-8")]
    public async Task Body_that_cannot_be_read_ends_in_the_error_queue_byte_for_byte(string text, string contentType)
    {
        var body = Encoding.UTF8.GetBytes(text);
        var (original, dead) = await FailAsync(new Job(3), x => x.Serializer = new FixedSerializer(body, contentType));

        Assert.Equal(body, original.Body);
        Assert.Equal(body, dead.Body);
        Assert.Equal(contentType, dead.ContentType);
        Assert.Equal("fault", dead.Text(MessageHeaders.Reason));
        Assert.NotEmpty(dead.Text(MessageHeaders.FaultMessage));
        Assert.NotEmpty(dead.Text(MessageHeaders.FaultExceptionType));
    }

    [Fact]
    public async Task Error_queue_is_consumed_by_a_receive_endpoint()
    {
        var inbox = new Inbox<(int Number, string? Reason)>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("jobs", e => e.Handler<Job>(_ => throw new JobFailedException("broken")));
            cfg.ReceiveEndpoint("jobs_error", e =>
            {
                e.ConfigureConsumeTopology = false;
                e.Handler<Job>(x =>
                    inbox.AddAsync((x.Message.Number, x.ReceiveContext.TransportHeaders.Get<string>(MessageHeaders.Reason))));
            });
        });

        for (var i = 0; i < 20; i++)
            await bus.SendAsync("jobs", new Job(i));

        Assert.Equal(Enumerable.Range(0, 20), (await inbox.WaitAsync(20)).Select(x => x.Number).Order());
        Assert.All(inbox.Items, x => Assert.Equal("fault", x.Reason));
        Assert.Equal(20, (await bus.DrainedAsync("jobs")).Moved);
        Assert.Equal(20, (await bus.DrainedAsync("jobs_error")).Completed);
    }

    [Fact]
    public async Task Other_messages_go_on_past_a_poisonous_one()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("jobs", e =>
        {
            e.ConcurrentMessageLimit = 1;
            e.Handler<Job>(x => x.Message.Number == 1 ? throw new JobFailedException("broken") : inbox.AddAsync(x.Message.Number));
        }));

        for (var i = 0; i < 4; i++)
            await bus.SendAsync("jobs", new Job(i));

        Assert.Equal([0, 2, 3], await inbox.WaitAsync(3));
        Assert.Equal((3, 1), (await bus.DrainedAsync("jobs")) is var counts ? (counts.Completed, counts.Moved) : default);
    }

    [Fact]
    public async Task Time_to_live_does_not_run_in_the_error_queue()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
            cfg.ReceiveEndpoint("jobs", e => e.Handler<Job>(_ => throw new JobFailedException("broken"))));
        await bus.SendAsync("jobs", new Job(6), x => x.TimeToLive = TimeSpan.FromSeconds(5));
        Assert.Equal(1, (await bus.DrainedAsync("jobs")).Moved);

        await bus.ServerClockPassesAsync(TimeSpan.FromSeconds(5.2));
        await bus.ConnectAsync("jobs_error", e => e.Handler<Job>(x => inbox.AddAsync(x.Message.Number)));

        Assert.Equal(6, await inbox.SingleAsync());
    }

    [Fact]
    public async Task Error_queue_has_the_name_its_formatter_gives_it()
    {
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.SendTopology.ErrorQueueNameFormatter = new GraveyardName();
            cfg.ReceiveEndpoint("jobs", e => e.Handler<Job>(_ => throw new JobFailedException("broken")));
        });

        await bus.SendAsync("jobs", new Job(1));

        await bus.DrainedAsync("jobs");
        Assert.Equal(1, (await bus.CountAsync("graveyard-of-jobs")).Ready);
    }

    async Task<(ReceivedMessage Original, ReceivedMessage Dead)> FailAsync(Job job, Action<SendContext<Job>>? send = null)
    {
        var recorder = new ReceiveRecorder();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("jobs", e =>
            {
                e.UseMessageRetry(r => r.Immediate(1));
                e.Consumer(() => new FailingConsumer());
            });
            cfg.ReceiveEndpoint("jobs_error", e =>
            {
                e.ConfigureConsumeTopology = false;
                e.DiscardFaultedMessages();
                e.Handler<Job>(_ => Task.CompletedTask);
            });
        });
        using var handle = bus.Bus.ConnectReceiveObserver(recorder);

        await bus.SendAsync("jobs", job, send);

        var received = await recorder.Received.WaitAsync(2);
        return (received.Single(x => x.Queue == "jobs"), received.Single(x => x.Queue == "jobs_error"));
    }

    sealed class FailingConsumer : IConsumer<Job>
    {
        public Task Consume(ConsumeContext<Job> context) => throw new JobFailedException("broken");
    }

    sealed class GraveyardName : IErrorQueueNameFormatter
    {
        public string FormatErrorQueueName(string queueName) => $"graveyard-of-{queueName}";
    }
}
