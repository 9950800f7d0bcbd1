using System.Security.Cryptography;
using System.Text;
using MassTransit.MessageData;
using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.ConformanceTests.Serialization;

public sealed class SerializerTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Message_of_every_type_comes_back_as_it_was(bool raw)
    {
        var inbox = new Inbox<Everything>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            if (raw)
                cfg.UseRawJsonSerializer(isDefault: true);
            cfg.ReceiveEndpoint("everything", e => e.Handler<Everything>(x => inbox.AddAsync(x.Message)));
        });
        var sent = new Everything(true, int.MinValue, long.MaxValue, 1e-9, 79228162514264337593543950335m, NewId.NextGuid(),
            new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Utc), new DateTimeOffset(2024, 2, 29, 1, 2, 3, TimeSpan.FromHours(-8)),
            TimeSpan.FromDays(3.5),
            new Uri("https://example.com/ä"), "世界 🌍 </script>", null, [0, 255, 13, 10], [new(1, "a"), new(2, "b")],
            new Dictionary<string, string> { ["clé"] = "värde" });

        await bus.SendAsync("everything", sent);

        var received = await inbox.SingleAsync();
        Assert.Equal(sent with { Bytes = received.Bytes, Parcels = received.Parcels, Tags = received.Tags }, received);
        Assert.Equal(sent.Bytes, received.Bytes);
        Assert.Equal(sent.Parcels, received.Parcels);
        Assert.Equal(sent.Tags, received.Tags);
    }

    [Fact]
    public async Task Raw_json_has_no_envelope_and_its_own_content_type()
    {
        var inbox = new Inbox<ReceivedMessage>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.UseRawJsonSerializer(RawSerializerOptions.All, isDefault: true);
            cfg.ReceiveEndpoint("parcels", e => e.Handler<Parcel>(x => inbox.AddAsync(ReceivedMessage.Create(x.ReceiveContext))));
        });

        await bus.Bus.Publish(new Parcel(4, "raw"));

        var received = await inbox.SingleAsync();
        Assert.StartsWith("application/json", received.ContentType, StringComparison.Ordinal);
        Assert.DoesNotContain("messageType", Encoding.UTF8.GetString(received.Body), StringComparison.Ordinal);
        Assert.Contains("raw", Encoding.UTF8.GetString(received.Body), StringComparison.Ordinal);
        Assert.True(received.Headers.ContainsKey(MessageHeaders.MessageId));
    }

    [Theory]
    [InlineData("""{"number":12,"label":"foreign"}""", "application/json")]
    [InlineData("""{"NUMBER":12,"Label":"foreign"}""", "application/json; charset=utf-8")]
    [InlineData("""{"number":12,"label":"foreign"}""", "text/plain")]
    public async Task Foreign_message_without_envelope_is_consumed(string body, string contentType)
    {
        var inbox = new Inbox<Parcel>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("parcels", e =>
        {
            e.ClearSerialization();
            e.UseRawJsonSerializer(RawSerializerOptions.AnyMessageType, isDefault: true);
            e.Handler<Parcel>(x => inbox.AddAsync(x.Message));
        }));

        await bus.SendAsync("parcels", new Tracked(Guid.Empty), x =>
        {
            x.Serializer = new FixedSerializer(Encoding.UTF8.GetBytes(body), contentType);
            x.MessageId = NewId.NextGuid();
        });

        Assert.Equal(new Parcel(12, "foreign"), await inbox.SingleAsync());
    }

    [Fact]
    public async Task Endpoint_reads_raw_json_beside_envelopes()
    {
        var inbox = new Inbox<Parcel>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("parcels", e =>
        {
            e.UseRawJsonDeserializer();
            e.Handler<Parcel>(x => inbox.AddAsync(x.Message));
        }));
        await using var raw = await TestBus.StartAsync(_server, cfg => cfg.UseRawJsonSerializer(isDefault: true), bus.KeyPrefix);

        await bus.SendAsync("parcels", new Parcel(1, "envelope"));
        await raw.SendAsync("parcels", new Parcel(2, "raw"));

        Assert.Equal([new Parcel(1, "envelope"), new Parcel(2, "raw")], (await inbox.WaitAsync(2)).OrderBy(x => x.Number));
    }

    [Fact]
    public async Task Binary_body_of_an_encrypting_serializer_is_consumed_faulted_and_read_again()
    {
        Inbox<(Parcel, string?, byte[])> inbox = new(), dead = new();
        var factory = new AesSerializerFactory(RandomNumberGenerator.GetBytes(32));
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.AddSerializer(factory);
            cfg.AddDeserializer(factory);
            cfg.ReceiveEndpoint("parcels", e => e.Handler<Parcel>(async x =>
            {
                await inbox.AddAsync((x.Message, x.ReceiveContext.ContentType?.ToString(), x.ReceiveContext.GetBody()));
                throw new InvalidOperationException("broken");
            }));
            cfg.ReceiveEndpoint("parcels_error", e =>
            {
                e.ConfigureConsumeTopology = false;
                e.Handler<Parcel>(x => dead.AddAsync((x.Message, x.ReceiveContext.ContentType?.ToString(), x.ReceiveContext.GetBody())));
            });
        });

        await bus.SendAsync("parcels", new Parcel(1, "secret"));

        var (parcel, contentType, body) = await inbox.SingleAsync();
        Assert.Equal(new Parcel(1, "secret"), parcel);
        Assert.Equal("application/vnd.test+aes", contentType);
        Assert.DoesNotContain("secret", Encoding.Latin1.GetString(body), StringComparison.Ordinal);
        var (again, againType, againBody) = await dead.SingleAsync();
        Assert.Equal((parcel, contentType), (again, againType));
        Assert.Equal(body, againBody);
    }

    [Fact]
    public async Task Message_data_travels_outside_the_message()
    {
        var inbox = new Inbox<(byte[], string, int)>();
        var repository = new InMemoryMessageDataRepository();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.UseMessageData(repository);
            cfg.ReceiveEndpoint("blobs", e => e.Handler<IBlob>(async x =>
                await inbox.AddAsync((await x.Message.Content.Value, await x.Message.Text.Value, x.ReceiveContext.GetBody().Length))));
        });
        var content = RandomNumberGenerator.GetBytes(200_000);

        await bus.Bus.Publish<IBlob>(new { Content = content, Text = new string('é', 100_000) });

        var (bytes, text, length) = await inbox.SingleAsync();
        Assert.Equal(content, bytes);
        Assert.Equal(100_000, text.Length);
        Assert.InRange(length, 1, 20_000);
    }
}

public interface IBlob
{
    MessageData<byte[]> Content { get; }

    MessageData<string> Text { get; }
}
