using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Serialization;

/// <summary>The id of a message is known without its body: filters, faults and inboxes ask the transport for it.</summary>
public sealed class MessageIdTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData("envelope")]
    [InlineData("raw with transport headers")]
    [InlineData("raw without transport headers")]
    public async Task Received_message_has_its_id_as_a_transport_header_once(string format)
    {
        var inbox = new Inbox<(Guid? Header, Guid? Message, string[] Names)>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            Use(cfg, format);
            cfg.ReceiveEndpoint("parcels", e => e.Handler<Parcel>(x => inbox.AddAsync(
                (x.ReceiveContext.GetMessageId(), x.MessageId, [.. x.ReceiveContext.TransportHeaders.GetAll().Select(h => h.Key)]))));
        });
        Guid? sent = null;

        await bus.SendAsync("parcels", new Parcel(1, "a"), x => sent = x.MessageId = NewId.NextGuid());

        var (header, message, names) = await inbox.SingleAsync();
        Assert.Equal(sent, header);
        Assert.Equal(sent, message);
        Assert.Equal(names.Distinct(StringComparer.OrdinalIgnoreCase), names);
    }

    [Theory]
    [InlineData("raw with transport headers")]
    [InlineData("raw without transport headers")]
    public async Task Redelivered_message_has_one_id(string format)
    {
        var inbox = new Inbox<(Guid? Header, Guid? Message, string[] Names)>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            Use(cfg, format);
            cfg.ReceiveEndpoint("parcels", e =>
            {
                e.UseDelayedRedelivery(r => r.Intervals(50, 50));
                e.Handler<Parcel>(async x =>
                {
                    await inbox.AddAsync(
                        (x.ReceiveContext.GetMessageId(), x.MessageId, [.. x.ReceiveContext.TransportHeaders.GetAll().Select(h => h.Key)]));
                    if (inbox.Count < 3)
                        throw new InvalidOperationException("again");
                });
            });
        });

        await bus.SendAsync("parcels", new Parcel(1, "a"));

        Assert.All(await inbox.WaitAsync(3), x =>
        {
            Assert.NotNull(x.Header);
            Assert.Equal(x.Header, x.Message);
            Assert.Equal(x.Names.Distinct(StringComparer.OrdinalIgnoreCase), x.Names);
        });
    }

    [Fact]
    public async Task Fault_of_a_body_that_cannot_be_read_names_the_message()
    {
        var faults = new Inbox<Guid?>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("parcels", e => e.Handler<Parcel>(_ => Task.CompletedTask));
            cfg.ReceiveEndpoint("faults", e => e.Handler<ReceiveFault>(x => faults.AddAsync(x.Message.FaultedMessageId)));
        });
        Guid? sent = null;

        await bus.SendAsync("parcels", new Parcel(1, "a"), x =>
        {
            x.Serializer = new FixedSerializer("[]"u8.ToArray(), "application/vnd.masstransit+json");
            sent = x.MessageId = NewId.NextGuid();
        });

        Assert.Equal(sent, await faults.SingleAsync());
    }

    [Fact]
    public async Task Raw_message_without_transport_headers_passes_the_inbox()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, (context, cfg) =>
        {
            Use(cfg, "raw without transport headers");
            cfg.ReceiveEndpoint("parcels", e =>
            {
                e.UseInMemoryInboxOutbox(context);
                e.Handler<Parcel>(x => inbox.AddAsync(x.Message.Number));
            });
        }, x => x.AddInMemoryInboxOutbox());

        await bus.SendAsync("parcels", new Parcel(7, "a"));

        Assert.Equal(7, await inbox.SingleAsync());
    }

    static void Use(IRedisBusFactoryConfigurator cfg, string format)
    {
        if (format.StartsWith("raw", StringComparison.Ordinal))
            cfg.UseRawJsonSerializer(format.Contains("without", StringComparison.Ordinal)
                ? RawSerializerOptions.AnyMessageType : RawSerializerOptions.Default, isDefault: true);
    }
}
