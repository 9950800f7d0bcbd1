using System.Globalization;
using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.ConformanceTests.Serialization;

public sealed class HeaderTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    static readonly Guid Id = Guid.Parse("0b7b9f7a-6c5d-4e3f-8a1b-2c3d4e5f6071");
    static readonly DateTime Time = new(2024, 2, 29, 23, 59, 58, 123, DateTimeKind.Utc);
    static readonly DateTimeOffset Moment = new(2024, 2, 29, 23, 59, 58, 123, TimeSpan.FromHours(5.5));
    static readonly string Long = new('x', 100_000);
    const string Unicode = "Grüße, 世界 🌍 \u0001 \"quoted\"\r\n";

    readonly TestServer _server = fixture.Server;

    public static TheoryData<bool> Formats => [true, false];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Headers_of_every_type_come_back_as_they_were(bool raw)
    {
        var inbox = new Inbox<Headers>();
        await using var bus = await StartAsync(raw, inbox, x => x.Headers);

        await bus.SendAsync("parcels", new Parcel(1, "a"), Set);

        var headers = await inbox.SingleAsync();
        Assert.Equal("blue", headers.Get<string>("Text"));
        Assert.Equal("", headers.Get<string>("Empty", "missing"));
        Assert.Equal(Unicode, headers.Get<string>("Unicode"));
        Assert.Equal(Long, headers.Get<string>("Long text"));
        Assert.Equal(-7, headers.Get<int>("Int"));
        Assert.Equal(long.MaxValue, headers.Get<long>("Long"));
        Assert.Equal(long.MinValue, headers.Get<long>("Least"));
        Assert.Equal(0.1, headers.Get<double>("Double"));
        Assert.Equal(12345678901234.5678m, headers.Get<decimal>("Decimal"));
        Assert.True(headers.Get<bool>("True"));
        Assert.False(headers.Get<bool>("False", true));
        Assert.Equal(Id, headers.Get<Guid>("Guid"));
        Assert.Equal(Time, headers.Get<DateTime>("Time")!.Value.ToUniversalTime());
        Assert.Equal(Moment, headers.Get<DateTimeOffset>("Moment"));
        Assert.Equal(TimeSpan.FromMinutes(90), headers.Get<TimeSpan>("Duration"));
        Assert.Equal(new Uri("https://example.com/a?b=c"), headers.Get<Uri>("Address"));
    }

    [Fact]
    public async Task Headers_are_transport_headers_too()
    {
        var inbox = new Inbox<Headers>();
        await using var bus = await StartAsync(raw: false, inbox, x => x.ReceiveContext.TransportHeaders);

        await bus.SendAsync("parcels", new Parcel(1, "a"), Set);

        var headers = await inbox.SingleAsync();
        Assert.Equal("blue", headers.Get<string>("text"));
        Assert.Equal(Unicode, headers.Get<string>("Unicode"));
        Assert.Equal(-7, headers.Get<int>("Int"));
        Assert.Equal(long.MaxValue, headers.Get<long>("Long"));
        Assert.Equal(0.1, headers.Get<double>("Double"));
        Assert.True(headers.Get<bool>("True"));
        Assert.Equal(Id, headers.Get<Guid>("Guid"));
        Assert.Equal(Moment, headers.Get<DateTimeOffset>("Moment"));
        Assert.Equal("application/vnd.masstransit+json", headers.Get<string>("Content-Type"));
        Assert.NotNull(headers.Get<string>(MessageHeaders.TransportMessageId));
    }

    public static TheoryData<object> Uncarried =>
        [new[] { 1, 2 }, new byte[] { 1 }, new Dictionary<string, object> { ["a"] = 1 }, new List<string> { "a" }];

    [Theory]
    [MemberData(nameof(Uncarried))]
    public async Task Header_that_a_raw_message_cannot_carry_fails_by_its_name_instead_of_vanishing(object value)
    {
        await using var bus = await StartAsync(raw: true, new Inbox<Headers>(), x => x.Headers);

        var refusal = await Assert.ThrowsAsync<RedisTransportException>(() =>
            bus.SendAsync("parcels", new Parcel(1, "a"), x => x.Headers.Set("X-List", value)));

        Assert.Contains("'X-List'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("serializer with an envelope", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await bus.CountAsync("parcels")).Sent);
    }

    [Fact]
    public async Task Dates_are_written_as_ISO_8601_has_them()
    {
        var inbox = new Inbox<Headers>();
        await using var bus = await StartAsync(raw: true, inbox, x => x.ReceiveContext.TransportHeaders);

        await bus.SendAsync("parcels", new Parcel(1, "a"), x =>
        {
            x.Headers.Set("Date", new DateOnly(2024, 2, 29));
            x.Headers.Set("Clock", new TimeOnly(23, 59, 58));
            x.Headers.Set("Time", Time);
            x.Headers.Set("Moment", Moment);
        });

        var headers = await inbox.SingleAsync();
        Assert.Equal("2024-02-29", headers.Get<string>("Date"));
        Assert.Equal("23:59:58.0000000", headers.Get<string>("Clock"));
        Assert.Equal("2024-02-29T23:59:58.1230000Z", headers.Get<string>("Time"));
        Assert.Equal("2024-02-29T23:59:58.1230000+05:30", headers.Get<string>("Moment"));
    }

    [Fact]
    public async Task Headers_that_are_objects_come_back_as_objects()
    {
        var inbox = new Inbox<Headers>();
        await using var bus = await StartAsync(raw: false, inbox, x => x.Headers);

        await bus.SendAsync("parcels", new Parcel(1, "a"), x => x.Headers.Set("Object", new Parcel(9, "nested")));

        Assert.Equal(new Parcel(9, "nested"), (await inbox.SingleAsync()).Get<Parcel>("Object"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Ids_and_addresses_reach_the_consumer(bool raw)
    {
        var inbox = new Inbox<(Guid? Message, Guid? Correlation, Guid? Conversation, Guid? Initiator, Guid? Request, Uri? Source,
            Uri? Response, Uri? Fault,
            Uri? Destination, DateTime? Sent, HostInfo Host)>();
        await using var bus =
            await StartAsync(raw, inbox, x => (x.MessageId, x.CorrelationId, x.ConversationId, x.InitiatorId, x.RequestId, x.SourceAddress,
            x.ResponseAddress, x.FaultAddress, x.DestinationAddress, x.SentTime, x.Host));
        var ids = Enumerable.Range(0, 5).Select(_ => NewId.NextGuid()).ToArray();
        var response = new Uri(bus.Bus.Address, "responses");
        var fault = new Uri(bus.Bus.Address, "faults");

        await bus.SendAsync("parcels", new Parcel(1, "a"), x =>
        {
            x.MessageId = ids[0];
            x.CorrelationId = ids[1];
            x.ConversationId = ids[2];
            x.InitiatorId = ids[3];
            x.RequestId = ids[4];
            x.ResponseAddress = response;
            x.FaultAddress = fault;
        });

        var seen = await inbox.SingleAsync();
        Assert.Equal(ids,
            (Guid[])[seen.Message!.Value, seen.Correlation!.Value, seen.Conversation!.Value, seen.Initiator!.Value, seen.Request!.Value]);
        Assert.Equal(response, seen.Response);
        Assert.Equal(fault, seen.Fault);
        Assert.Equal(bus.Bus.Address, seen.Source);
        Assert.EndsWith("/parcels", seen.Destination!.AbsolutePath, StringComparison.Ordinal);
        Assert.InRange(seen.Sent!.Value.ToUniversalTime(), DateTime.UtcNow.AddMinutes(-2), DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(Environment.MachineName, seen.Host.MachineName);
    }

    [Fact]
    public async Task Correlation_id_of_a_message_property_is_used()
    {
        var inbox = new Inbox<Guid?>();
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("parcels", e => e.Handler<Tracked>(x => inbox.AddAsync(x.CorrelationId))));

        await bus.Bus.Publish(new Tracked(Id));

        Assert.Equal(Id, await inbox.SingleAsync());
    }

    [Fact]
    public async Task What_a_consumer_sends_continues_the_conversation()
    {
        var inbox = new Inbox<(Guid? Conversation, Guid? Initiator, Uri? Source)>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("parcels", e => e.Handler<Parcel>(x => x.Publish(new Tracked(Id))));
            cfg.ReceiveEndpoint("tracked",
                e => e.Handler<Tracked>(x => inbox.AddAsync((x.ConversationId, x.InitiatorId, x.SourceAddress))));
        });
        var (conversation, correlation) = (NewId.NextGuid(), NewId.NextGuid());

        await bus.SendAsync("parcels", new Parcel(1, "a"), x =>
        {
            x.ConversationId = conversation;
            x.CorrelationId = correlation;
        });

        var seen = await inbox.SingleAsync();
        Assert.Equal(conversation, seen.Conversation);
        Assert.Equal(correlation, seen.Initiator);
        Assert.EndsWith("/parcels", seen.Source!.AbsolutePath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_do_not_depend_on_the_culture()
    {
        var inbox = new Inbox<Headers>();
        await using var bus = await StartAsync(raw: false, inbox, x => x.ReceiveContext.TransportHeaders);
        var before = CultureInfo.CurrentCulture;
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NegativeSign = "minus ";
        CultureInfo.CurrentCulture = culture;
        try
        {
            await bus.SendAsync("parcels", new Parcel(1, "a"), x =>
            {
                x.Headers.Set("Double", (double?)-1.5);
                x.Headers.Set("Decimal", (decimal?)-2.5m);
            });
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        var headers = await inbox.SingleAsync();
        Assert.Equal(-1.5, headers.Get<double>("Double"));
        Assert.Equal("-2.5", Convert.ToString(headers.Get<object>("Decimal"), CultureInfo.InvariantCulture));
    }

    static void Set(SendContext context)
    {
        var headers = context.Headers;
        headers.Set("Text", "blue");
        headers.Set("Empty", "");
        headers.Set("Unicode", Unicode);
        headers.Set("Long text", Long);
        headers.Set("Int", (int?)-7);
        headers.Set("Long", (long?)long.MaxValue);
        headers.Set("Least", (long?)long.MinValue);
        headers.Set("Double", (double?)0.1);
        headers.Set("Decimal", (decimal?)12345678901234.5678m);
        headers.Set("True", (bool?)true);
        headers.Set("False", (bool?)false);
        headers.Set("Guid", (Guid?)Id);
        headers.Set("Time", (DateTime?)Time);
        headers.Set("Moment", (DateTimeOffset?)Moment);
        headers.Set("Duration", (TimeSpan?)TimeSpan.FromMinutes(90));
        headers.Set("Address", new Uri("https://example.com/a?b=c"));
    }

    Task<TestBus> StartAsync<T>(bool raw, Inbox<T> inbox, Func<ConsumeContext<Parcel>, T> select) => TestBus.StartAsync(_server, cfg =>
    {
        if (raw)
            cfg.UseRawJsonSerializer(RawSerializerOptions.All, isDefault: true);
        cfg.ReceiveEndpoint("parcels", e => e.Handler<Parcel>(x => inbox.AddAsync(select(x))));
    });
}
