using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Routing;

public sealed record Letter(string Text);

public sealed class AddressTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData("queue:letters")]
    [InlineData("redis://{host}/0/{prefix}/letters")]
    [InlineData("redis://another-name-of-the-server:7777/0/{prefix}/letters")]
    [InlineData("topic:post")]
    [InlineData("exchange:post")]
    [InlineData("redis://{host}/0/{prefix}/post?type=topic")]
    public async Task Address_form_leads_to_the_queue(string address)
    {
        var inbox = new Inbox<string>();
        await using var bus = await StartAsync(inbox);

        var endpoint = await bus.Bus.GetSendEndpoint(Address(address, bus));
        await endpoint.Send(new Letter(address));

        Assert.Equal(address, await inbox.SingleAsync());
    }

    [Fact]
    public async Task Input_and_response_addresses_can_be_sent_to()
    {
        var inbox = new Inbox<(string Text, Uri? Destination, Uri? Source)>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
            cfg.ReceiveEndpoint("letters",
                e => e.Handler<Letter>(x => inbox.AddAsync((x.Message.Text, x.DestinationAddress, x.SourceAddress)))));

        await bus.SendAsync("letters", new Letter("first"));
        var (_, destination, source) = (await inbox.WaitAsync(1))[0];
        await (await bus.Bus.GetSendEndpoint(destination!)).Send(new Letter("second"));

        Assert.Equal(["first", "second"], (await inbox.WaitAsync(2)).Select(x => x.Text));
        Assert.Equal($"/0/{bus.KeyPrefix}/letters", destination!.AbsolutePath);
        Assert.Equal("redis", destination.Scheme);
        Assert.Equal(bus.Bus.Address, source);
    }

    [Theory]
    [InlineData("amqp://localhost/letters", "the scheme 'amqp' is not known")]
    [InlineData("rabbitmq://localhost/letters", "the scheme 'rabbitmq' is not known")]
    [InlineData("redis://{host}/1/{prefix}/letters", "another database or key prefix")]
    [InlineData("redis://{host}/0/other-application/letters", "another database or key prefix")]
    [InlineData("queue:", "a queue name has")]
    [InlineData("queue:with%20space", "a queue name has")]
    [InlineData("topic:", "the topic has no name")]
    public async Task Address_that_leads_nowhere_is_refused_and_says_why(string address, string reason)
    {
        await using var bus = await StartAsync(new Inbox<string>());

        var uri = Address(address, bus);
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            var endpoint = await bus.Bus.GetSendEndpoint(uri);
            await endpoint.Send(new Letter("lost"));
        });

        Assert.Contains(reason, exception.ToString(), StringComparison.Ordinal);
        Assert.IsType<ArgumentException>(exception is ArgumentException ? exception : exception.GetBaseException());
    }

    [Fact]
    public async Task Refused_address_does_not_repeat_its_password()
    {
        await using var bus = await StartAsync(new Inbox<string>());

        var exception =
            await Assert.ThrowsAnyAsync<Exception>(() => bus.Bus.GetSendEndpoint(new Uri("redis://user:hush-hush@server/9/letters")));

        Assert.DoesNotContain("hush-hush", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Queue_name_of_an_asterisk_is_a_new_name_each_time()
    {
        await using var bus = await TestBus.StartAsync(_server);
        var inbox = new Inbox<Uri>();
        using var handle = bus.Bus.ConnectSendObserver(new DestinationObserver(inbox));

        var address = new Uri("queue:*");
        await (await bus.Bus.GetSendEndpoint(address)).Send(new Letter("a"));
        await (await bus.Bus.GetSendEndpoint(address)).Send(new Letter("b"));

        Assert.Equal(2, inbox.Items.Distinct().Count());
        Assert.DoesNotContain(inbox.Items, x => x.ToString().Contains('*', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Address_of_the_host_carries_database_and_prefix_and_no_credential()
    {
        await using var bus = await TestBus.StartAsync(_server);

        Assert.Equal("", bus.Bus.Address.UserInfo);
        Assert.StartsWith($"/0/{bus.KeyPrefix}/", bus.Bus.Address.AbsolutePath, StringComparison.Ordinal);
    }

    Task<TestBus> StartAsync(Inbox<string> inbox) => TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("letters", e =>
    {
        e.ConfigureConsumeTopology = false;
        e.Subscribe("post");
        e.Handler<Letter>(x => inbox.AddAsync(x.Message.Text));
    }));

    Uri Address(string form, TestBus bus) => new(form.Replace("{host}", _server.ConnectionString, StringComparison.Ordinal)
        .Replace("{prefix}", bus.KeyPrefix, StringComparison.Ordinal));

    sealed class DestinationObserver(Inbox<Uri> inbox) : ISendObserver
    {
        public Task PreSend<T>(SendContext<T> context)
            where T : class => inbox.AddAsync(context.DestinationAddress!);

        public Task PostSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
