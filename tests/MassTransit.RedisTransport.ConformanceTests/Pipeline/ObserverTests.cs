using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.ConformanceTests.Pipeline;

public sealed class ObserverTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Observers_see_a_message_from_publish_to_consumption()
    {
        var events = new Inbox<string>();
        await using var bus = await StartAsync(events, _ => Task.CompletedTask);

        await bus.Bus.Publish(new Submitted(1));

        await Eventually.TrueAsync(() => events.Items.Contains("post-receive"));
        Assert.Equal(["pre-publish", "post-publish"], events.Items.Where(x => x.EndsWith("publish", StringComparison.Ordinal)));
        Assert.Equal(["pre-receive", "pre-consume", "receive-consumed", "post-consume", "post-receive"],
            events.Items.Where(x => x.Contains("receive", StringComparison.Ordinal) || x.Contains("consume", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Observers_see_a_send()
    {
        var events = new Inbox<string>();
        await using var bus = await StartAsync(events, _ => Task.CompletedTask);

        await bus.SendAsync("submitted", new Submitted(1));

        Assert.Equal(["pre-send", "post-send"], events.Items.Where(x => x.EndsWith("send", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Observers_see_a_fault()
    {
        var events = new Inbox<string>();
        await using var bus = await StartAsync(events, _ => throw new InvalidOperationException("broken"));

        await bus.SendAsync("submitted", new Submitted(1));

        await Eventually.TrueAsync(() => events.Items.Contains("post-receive"));
        Assert.Equal(["pre-receive", "pre-consume", "receive-consume-fault", "consume-fault", "post-receive"],
            events.Items.Where(x => x.Contains("receive", StringComparison.Ordinal) || x.Contains("consume", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Receive_observer_sees_a_body_that_cannot_be_read()
    {
        var events = new Inbox<string>();
        await using var bus = await StartAsync(events, _ => Task.CompletedTask);

        await bus.SendAsync("submitted", new Submitted(1),
            x => x.Serializer = new FixedSerializer([1, 2, 3], "application/vnd.masstransit+json"));

        await Eventually.EqualAsync(1, async () => (await bus.CountAsync("submitted_error")).Ready);
        Assert.Contains("pre-receive", events.Items);
        Assert.DoesNotContain("pre-consume", events.Items);
    }

    [Fact]
    public async Task Send_observer_sees_a_send_that_fails()
    {
        var events = new Inbox<string>();
        await using var bus = await StartAsync(events, _ => Task.CompletedTask);

        await Assert.ThrowsAsync<NotSupportedException>(() =>
            bus.SendAsync("submitted", new Submitted(1), x => x.Serializer = new BrokenSerializer()));

        Assert.Equal(["pre-send", "send-fault"], events.Items.Where(x => x.Contains("send", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Message_that_cannot_be_sent_does_not_harm_the_next_one()
    {
        var events = new Inbox<string>();
        await using var bus = await StartAsync(events, _ => Task.CompletedTask);
        var endpoint = await bus.EndpointAsync("submitted");

        var sends = Enumerable.Range(0, 40).Select(i => Record.ExceptionAsync(() => endpoint.Send(new Submitted(i), x =>
        {
            if (i % 4 == 0)
                x.Serializer = new BrokenSerializer();
        }))).ToArray();

        Assert.Equal(10, (await Task.WhenAll(sends)).Count(x => x is NotSupportedException));
        Assert.Equal(30, (await bus.DrainedAsync("submitted")).Completed);
    }

    Task<TestBus> StartAsync(Inbox<string> events, MessageHandler<Submitted> handler) => TestBus.StartAsync(_server,
        (_, cfg) => cfg.ReceiveEndpoint("submitted", e => e.Handler(handler)),
        x =>
        {
            var observer = new Observer(events);
            x.AddPublishObserver(_ => observer);
            x.AddSendObserver(_ => observer);
            x.AddConsumeObserver(_ => observer);
            x.AddReceiveObserver(_ => observer);
        });

    sealed class BrokenSerializer : IMessageSerializer
    {
        public System.Net.Mime.ContentType ContentType { get; } = new("application/broken");

        public MessageBody GetMessageBody<T>(SendContext<T> context)
            where T : class => throw new NotSupportedException("broken on purpose");
    }

    sealed class Observer(Inbox<string> events) : IPublishObserver, ISendObserver, IConsumeObserver, IReceiveObserver
    {
        Task IPublishObserver.PrePublish<T>(PublishContext<T> context) => On<T>("pre-publish");

        Task IPublishObserver.PostPublish<T>(PublishContext<T> context) => On<T>("post-publish");

        Task IPublishObserver.PublishFault<T>(PublishContext<T> context, Exception exception) => On<T>("publish-fault");

        Task ISendObserver.PreSend<T>(SendContext<T> context) => On<T>("pre-send");

        Task ISendObserver.PostSend<T>(SendContext<T> context) => On<T>("post-send");

        Task ISendObserver.SendFault<T>(SendContext<T> context, Exception exception) => On<T>("send-fault");

        Task IConsumeObserver.PreConsume<T>(ConsumeContext<T> context) => On<T>("pre-consume");

        Task IConsumeObserver.PostConsume<T>(ConsumeContext<T> context) => On<T>("post-consume");

        Task IConsumeObserver.ConsumeFault<T>(ConsumeContext<T> context, Exception exception) => On<T>("consume-fault");

        Task IReceiveObserver.PreReceive(ReceiveContext context) => On<Submitted>("pre-receive");

        Task IReceiveObserver.PostReceive(ReceiveContext context) => On<Submitted>("post-receive");

        Task IReceiveObserver.PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) =>
            On<T>("receive-consumed");

        Task IReceiveObserver.ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) =>
            On<T>("receive-consume-fault");

        Task IReceiveObserver.ReceiveFault(ReceiveContext context, Exception exception) => On<Submitted>("receive-fault");

        /// <summary>Faults that MassTransit publishes are not what these tests look at.</summary>
        Task On<T>(string name) => typeof(T) == typeof(Submitted) ? events.AddAsync(name) : Task.CompletedTask;
    }
}
