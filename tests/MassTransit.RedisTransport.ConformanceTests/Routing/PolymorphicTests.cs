using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Routing;

public interface IAnimal
{
    string Name { get; }
}

public interface IWalks : IAnimal;

public interface ISwims : IAnimal;

public class Animal : IAnimal
{
    public string Name { get; init; } = "";
}

/// <summary>A diamond: IAnimal by three ways.</summary>
public class Duck : Animal, IWalks, ISwims;

public class Mallard : Duck;

[ExcludeFromTopology]
public interface IInternal
{
    string Name { get; }
}

public class Tagged : IInternal
{
    public string Name { get; init; } = "";
}

public sealed class PolymorphicTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Subscribers_of_base_class_and_interfaces_get_the_published_message_once_each()
    {
        Inbox<string> animal = new(), interfaces = new(), walks = new(), swims = new(), duck = new();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("base", e => e.Handler<Animal>(x => animal.AddAsync(x.Message.Name)));
            cfg.ReceiveEndpoint("interface", e => e.Handler<IAnimal>(x => interfaces.AddAsync(x.Message.Name)));
            cfg.ReceiveEndpoint("walks", e => e.Handler<IWalks>(x => walks.AddAsync(x.Message.Name)));
            cfg.ReceiveEndpoint("swims", e => e.Handler<ISwims>(x => swims.AddAsync(x.Message.Name)));
            cfg.ReceiveEndpoint("duck", e => e.Handler<Duck>(x => duck.AddAsync(x.Message.Name)));
        });

        await bus.Bus.Publish(new Mallard { Name = "Donald" });

        foreach (var (queue, inbox) in new[] { ("base", animal), ("interface", interfaces), ("walks", walks), ("swims", swims),
            ("duck", duck) })
        {
            Assert.Equal("Donald", await inbox.SingleAsync());
            var counts = await bus.DrainedAsync(queue);
            Assert.Equal((1, 1), (counts.Sent, counts.Completed));
        }
    }

    [Fact]
    public async Task Queue_subscribed_by_several_ways_of_a_diamond_gets_one_message()
    {
        Inbox<string> walks = new(), swims = new(), animal = new();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("all", e =>
        {
            e.Handler<IWalks>(x => walks.AddAsync(x.Message.Name));
            e.Handler<ISwims>(x => swims.AddAsync(x.Message.Name));
            e.Handler<IAnimal>(x => animal.AddAsync(x.Message.Name));
        }));

        await bus.Bus.Publish(new Duck { Name = "Daisy" });

        Assert.Equal("Daisy", await walks.SingleAsync());
        Assert.Equal("Daisy", await swims.SingleAsync());
        Assert.Equal("Daisy", await animal.SingleAsync());
        Assert.Equal(1, (await bus.DrainedAsync("all")).Sent);
    }

    [Fact]
    public async Task Subscriber_of_a_derived_type_does_not_get_the_base()
    {
        Inbox<string> duck = new(), animal = new();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("duck", e => e.Handler<Duck>(x => duck.AddAsync(x.Message.Name)));
            cfg.ReceiveEndpoint("animal", e => e.Handler<Animal>(x => animal.AddAsync(x.Message.Name)));
        });

        await bus.Bus.Publish(new Animal { Name = "Rex" });

        Assert.Equal("Rex", await animal.SingleAsync());
        Assert.Equal(0, (await bus.CountAsync("duck")).Sent);
    }

    [Fact]
    public async Task Published_as_its_interface_the_message_reaches_the_interface_only()
    {
        Inbox<string> walks = new(), animal = new(), duck = new();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("walks", e => e.Handler<IWalks>(x => walks.AddAsync(x.Message.Name)));
            cfg.ReceiveEndpoint("animal", e => e.Handler<IAnimal>(x => animal.AddAsync(x.Message.Name)));
            cfg.ReceiveEndpoint("duck", e => e.Handler<Duck>(x => duck.AddAsync(x.Message.Name)));
        });

        await bus.Bus.Publish<IWalks>(new { Name = "Goofy" });

        Assert.Equal("Goofy", await walks.SingleAsync());
        Assert.Equal("Goofy", await animal.SingleAsync());
        Assert.Equal(0, (await bus.CountAsync("duck")).Sent);
    }

    [Fact]
    public async Task Type_excluded_from_topology_has_no_topic()
    {
        Inbox<string> tagged = new(), hidden = new();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("tagged", e => e.Handler<Tagged>(x => tagged.AddAsync(x.Message.Name)));
            cfg.ReceiveEndpoint("internal", e => e.Handler<IInternal>(x => hidden.AddAsync(x.Message.Name)));
        });

        await bus.Bus.Publish(new Tagged { Name = "secret" });

        Assert.Equal("secret", await tagged.SingleAsync());
        Assert.Equal(0, (await bus.CountAsync("internal")).Sent);
    }

    [Fact]
    public async Task Endpoint_without_consume_topology_gets_what_is_sent_and_not_what_is_published()
    {
        var inbox = new Inbox<string>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("quiet", e =>
        {
            e.ConfigureConsumeTopology = false;
            e.Handler<Animal>(x => inbox.AddAsync(x.Message.Name));
        }));

        await bus.Bus.Publish(new Animal { Name = "published" });
        await bus.SendAsync("quiet", new Animal { Name = "sent" });

        Assert.Equal("sent", await inbox.SingleAsync());
        Assert.Equal(1, (await bus.DrainedAsync("quiet")).Sent);
    }

    [Fact]
    public async Task Endpoint_subscribes_to_topics_by_name_and_by_type()
    {
        var inbox = new Inbox<string>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("zoo", e =>
        {
            e.ConfigureConsumeTopology = false;
            e.Subscribe("news");
            e.Subscribe<Animal>();
            e.Handler<Animal>(x => inbox.AddAsync(x.Message.Name));
        }));

        await bus.Bus.Publish(new Animal { Name = "by type" });
        var topic = await bus.Bus.GetSendEndpoint(new Uri("topic:news"));
        await topic.Send(new Animal { Name = "by name" });

        Assert.Equal(["by name", "by type"], (await inbox.WaitAsync(2)).Order());
    }
}
