namespace MassTransit.RedisTransport.BrokerTests.Servers;

public sealed class QueueEngine_on_Redis(OnRedis server) : QueueEngineTests(server), IClassFixture<OnRedis>;

public sealed class QueueEngine_on_the_embedded_server(OnEmbedded server) : QueueEngineTests(server), IClassFixture<OnEmbedded>;

public sealed class QueueEngine_on_a_database_with_a_prefix(OnDatabaseWithPrefix server)
    : QueueEngineTests(server), IClassFixture<OnDatabaseWithPrefix>;

public sealed class QueueEngine_on_a_cluster(OnCluster server) : QueueEngineTests(server), IClassFixture<OnCluster>;
