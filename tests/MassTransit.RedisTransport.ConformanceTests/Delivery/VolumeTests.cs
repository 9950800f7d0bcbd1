using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Delivery;

public sealed record Counted(int Id);

public sealed record Document(string Name, byte[] Content, string Text);

public sealed class VolumeTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Publish_batch_delivers_each_of_1000_once()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("counted", e => e.Handler<Counted>(x => inbox.AddAsync(x.Message.Id))));

        await bus.Bus.PublishBatch(Enumerable.Range(0, 1_000).Select(i => new Counted(i)));

        Assert.Equal(Enumerable.Range(0, 1_000), (await inbox.WaitAsync(1_000)).Order());
        Assert.Equal(1_000, (await bus.DrainedAsync("counted")).Completed);
    }

    [Fact]
    public async Task Send_batch_delivers_each_of_1000_once()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("counted", e => e.Handler<Counted>(x => inbox.AddAsync(x.Message.Id))));

        var endpoint = await bus.EndpointAsync("counted");
        await endpoint.SendBatch(Enumerable.Range(0, 1_000).Select(i => new Counted(i)));

        Assert.Equal(Enumerable.Range(0, 1_000), (await inbox.WaitAsync(1_000)).Order());
        Assert.Equal(1_000, (await bus.DrainedAsync("counted")).Completed);
    }

    [Fact]
    public async Task Ten_concurrent_publishers_of_1000_deliver_each_id_once()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("counted", e =>
        {
            e.PrefetchCount = 100;
            e.Handler<Counted>(x => inbox.AddAsync(x.Message.Id));
        }));

        await Task.WhenAll(Enumerable.Range(0, 10).Select(publisher => Task.Run(async () =>
        {
            for (var i = 0; i < 1_000; i++)
                await bus.Bus.Publish(new Counted(publisher * 1_000 + i));
        })));

        Assert.Equal(Enumerable.Range(0, 10_000), (await inbox.WaitAsync(10_000, TimeSpan.FromSeconds(60))).Order());
        Assert.Equal(10_000, (await bus.DrainedAsync("counted")).Completed);
    }

    [Fact]
    public async Task Body_of_five_megabytes_arrives_whole()
    {
        var inbox = new Inbox<Document>();
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("documents", e => e.Handler<Document>(x => inbox.AddAsync(x.Message))));

        var content = new byte[3 * 1024 * 1024];
        new Random(42).NextBytes(content);
        var text = new string('ü', 1024 * 1024);
        await bus.SendAsync("documents", new Document("large", content, text));

        var received = await inbox.SingleAsync();
        Assert.True(content.AsSpan().SequenceEqual(received.Content));
        Assert.True(text == received.Text);
    }

    [Fact]
    public async Task Empty_and_null_values_arrive_as_they_were_sent()
    {
        var inbox = new Inbox<Document>();
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("documents", e => e.Handler<Document>(x => inbox.AddAsync(x.Message))));

        await bus.SendAsync("documents", new Document("", [], ""));

        var received = await inbox.SingleAsync();
        Assert.Equal("", received.Name);
        Assert.Empty(received.Content);
    }
}
