using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Testing;
using MassTransit.RedisTransport.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.InspectionTests;

/// <summary>A cluster as a proxy in front of it shows it: one server that says nothing of slots, and refuses what would need two.</summary>
public sealed class HiddenCluster : IAsyncLifetime
{
    readonly HiddenServer _server = new();

    public TestServer Server => _server;

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    sealed class HiddenServer() : TestServer("redis-cluster behind a proxy")
    {
        readonly RedisServerProcess _node = new(new RedisServerOptions
        {
            ExtraLines = { "cluster-enabled yes", $"cluster-port {FreePort.Next()}", "cluster-config-file nodes.conf" },
        });

        public override string ConnectionString => _node.ConnectionString;

        public override ConfigurationOptions ConfigurationOptions
        {
            get
            {
                var options = _node.ConfigurationOptions;
                // By these a client knows a cluster.
                options.CommandMap = CommandMap.Create(["CLUSTER", "INFO"], available: false);
                return options;
            }
        }

        public override async Task StartAsync()
        {
            await _node.StartAsync();
            IsAvailable = _node.IsAvailable;
            Reason = _node.Reason;
            if (!IsAvailable)
                return;

            var reply = await RespProbe.SendAsync(_node.Port, "CLUSTER ADDSLOTSRANGE 0 16383");
            Assert.StartsWith("+OK", reply, StringComparison.Ordinal);
            await Eventually.TrueAsync(async () => (await RespProbe.SendAsync(_node.Port, "CLUSTER INFO"))
                ?.Contains("cluster_state:ok", StringComparison.Ordinal) is true,
                message: "cluster_state is ok");
        }

        public override ValueTask DisposeAsync() => _node.DisposeAsync();
    }
}

public sealed class Custom_error_queues_on_a_cluster_that_does_not_show_itself(HiddenCluster cluster)
    : CustomErrorQueueTests(cluster.Server), IClassFixture<HiddenCluster>
{
    [SkippableFact]
    public async Task One_script_for_both_queues_is_refused_here()
    {
        cluster.Server.SkipIfUnavailable();
        await using var engine = new QueueEngine(new RedisConnectionSettings
        {
            Options = cluster.Server.ConfigurationOptions,
            KeyPrefix = TestNames.Unique("slots")
        }, NullLogger.Instance);
        var orders = engine.Queue("orders");
        await orders.SendAsync(new OutgoingMessage(new byte[] { 1 }));
        var message = Assert.Single((await orders.CreateReader().LeaseAsync(1, TimeSpan.FromMinutes(5))).Messages);

        // The client takes both queues for reachable, and the server does not.
        Assert.NotEqual(QueueName.Parse("orders").Tag, QueueName.Parse("graveyard").Tag);
        Assert.True(orders.Reaches(engine.Queue("graveyard")));
        var exception = await Assert.ThrowsAsync<RedisTransportException>(() =>
            orders.MoveAsync(message.Lease, engine.Queue("graveyard"), new byte[] { 1 }));
        Assert.True(DeadLetterMove.IsCrossSlot(exception), exception.ToString());
    }
}
