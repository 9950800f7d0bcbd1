using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Receiving;

namespace MassTransit.RedisTransport.UnitTests.Addressing;

public sealed class RedisEndpointAddressTests
{
    static readonly RedisHostAddress Host = new("redis", "server", 6379, 3, "shop");

    [Theory]
    [InlineData("orders")]
    [InlineData("...")]
    [InlineData(".orders")]
    [InlineData("a.")]
    [InlineData("a/b")]
    [InlineData("a/../b")]
    [InlineData("a%2Fb")]
    [InlineData("%2e%2e")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("Grüße:世界")]
    [InlineData("a?b#c&d=e")]
    [InlineData("/")]
    public void The_name_of_a_topic_or_an_exchange_comes_back_out_of_its_address(string name)
    {
        foreach (var isTopic in (bool[])[true, false])
        {
            var address = new RedisEndpointAddress(Host, name, isTopic, IsTemporary: false, IsExchange: !isTopic);

            Assert.Equal(address, RedisEndpointAddress.Parse(Host, address.ToUri()));
        }
    }

    [Theory]
    [InlineData("queue:.")]
    [InlineData("queue:..")]
    [InlineData("queue:%2e%2E")]
    [InlineData("topic:.")]
    [InlineData("topic:%2e")]
    [InlineData("exchange:..")]
    [InlineData("redis://server/3/shop/..")]
    [InlineData("redis://server/3/shop/other/../orders")]
    [InlineData("redis://server/3/shop/%2e")]
    [InlineData("redis://server/3/shop/%2e%2e?type=topic")]
    public void An_address_that_collapses_is_refused_and_leads_nowhere_else(string address)
    {
        var exception = Assert.Throws<ArgumentException>(() => RedisEndpointAddress.Parse(Host, new Uri(address)));

        Assert.Contains("another name", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void A_name_of_dots_alone_is_refused_wherever_it_is_given(string name)
    {
        Assert.False(QueueName.IsValid(name));
        Assert.Contains("collapse", Assert.Throws<ArgumentException>(() => QueueName.Parse(name)).Message, StringComparison.Ordinal);
        Assert.Equal("QueueName", Assert.Single(new RedisReceiveSettings(name).Problems()).Option);
        Assert.Equal("KeyPrefix", Assert.Single(new RedisConnectionSettings { KeyPrefix = name }.Problems()).Option);
        var settings = new RedisReceiveSettings("orders");
        settings.Topics.Add(name);
        Assert.Equal("Subscribe", Assert.Single(settings.Problems()).Option);
        foreach (var address in (string[])[$"redis://server/0/{name}",
            $"redis://server/0/{name.Replace(".", "%2e", StringComparison.Ordinal)}", $"redis://server/{name}/0"])
            Assert.Throws<ConfigurationException>(() => new RedisHostConfigurator(new RedisConnectionSettings()).UseAddress(address));
    }

    [Theory]
    [InlineData("exchange:orders", false, true)]
    [InlineData("exchange:orders?type=fanout&durable=true", false, true)]
    [InlineData("exchange:orders?durable=false", false, true)]
    [InlineData("exchange:orders?autodelete=true", false, true)]
    [InlineData("exchange:orders?delayedtype=fanout", false, true)]
    [InlineData("exchange:orders?temporary=true", true, true)]
    [InlineData("exchange:orders?durable=false&autodelete=true", true, true)]
    [InlineData("exchange:orders?bind=true", false, false)]
    [InlineData("exchange:orders?bind=true&queue=orders", false, false)]
    [InlineData("exchange:orders?bind=true&temporary=true", true, false)]
    [InlineData("redis://server/3/shop/orders?type=exchange", false, true)]
    [InlineData("redis://server/3/shop/orders?type=exchange&temporary=true", true, true)]
    public void An_exchange_of_RabbitMQ_is_read_with_its_settings(string address, bool temporary, bool exchange)
    {
        var parsed = RedisEndpointAddress.Parse(Host, new Uri(address));

        Assert.Equal(new RedisEndpointAddress(Host, "orders", IsTopic: false, temporary, exchange), parsed);
        Assert.Equal(parsed, RedisEndpointAddress.Parse(Host, parsed.ToUri()));
    }

    [Theory]
    [InlineData("exchange:orders?type=direct", "queue:orders or topic:orders")]
    [InlineData("exchange:orders?type=topic", "routing keys")]
    [InlineData("exchange:orders?type=headers", "fanout")]
    [InlineData("exchange:orders?delayedtype=direct", "fanout")]
    [InlineData("exchange:orders?alternateexchange=rest", "e.Subscribe")]
    [InlineData("exchange:orders?bindexchange=all", "e.Subscribe")]
    [InlineData("exchange:orders?bind=true&queue=other", "queue:other")]
    [InlineData("exchange:orders?bind=true&singleactiveconsumer=true", "ConcurrentMessageLimit")]
    [InlineData("redis://server/3/shop/orders?type=direct", "type=topic or type=exchange")]
    public void What_RabbitMQ_can_and_Redis_cannot_is_refused_with_the_cure(string address, string cure) =>
        Assert.Contains(cure, Assert.Throws<ArgumentException>(() => RedisEndpointAddress.Parse(Host, new Uri(address))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("redis://user:hush-hush@server/9/orders")]
    [InlineData("redis://:hush-hush@server/9/orders")]
    [InlineData("redis://hush-hush@server/9/orders")]
    [InlineData("redis://user:hush-hush%2Fhush-hush@server/9/orders")]
    [InlineData("redis:user:hush-hush@server/9/orders")]
    [InlineData("amqp://user:hush-hush@server/orders")]
    [InlineData("amqp:user:hush-hush@server/orders")]
    [InlineData("redis://server/9/orders?password=hush-hush")]
    [InlineData("queue:with%20space?password=hush-hush#hush-hush")]
    public void A_refusal_repeats_no_credential_wherever_it_stands(string address) =>
        Assert.DoesNotContain("hush", Assert.ThrowsAny<ArgumentException>(() => RedisEndpointAddress.Parse(Host, new Uri(address)))
            .ToString(), StringComparison.Ordinal);

    [Fact]
    public void What_is_written_of_an_address_holds_no_credential() =>
        Assert.Equal("redis://server/3/shop/orders",
            RedisEndpointAddress.Parse(Host, new Uri("redis://user:hush-hush@server/3/shop/orders")).ToUri().ToString());
}
