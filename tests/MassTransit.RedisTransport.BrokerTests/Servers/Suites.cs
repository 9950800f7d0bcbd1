namespace MassTransit.RedisTransport.BrokerTests.Servers;

public sealed class QueueBroker_on_Redis(RedisServer server) : QueueBrokerTests(server), IClassFixture<RedisServer>;
