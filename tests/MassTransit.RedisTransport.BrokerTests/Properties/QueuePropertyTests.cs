using FsCheck;
using FsCheck.Fluent;
using MassTransit.RedisTransport.BrokerTests.Servers;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests.Properties;

/// <summary>
/// Random histories against a model: whatever happens in whatever order, nothing is lost, nothing is delivered to two owners,
/// and the order of delivery is the promised one. A failure prints the shortest history found and the seed that repeats it.
/// </summary>
public abstract class QueuePropertyTests
{
    readonly BrokerServer _server;

    protected QueuePropertyTests(BrokerServer server)
    {
        server.Server.SkipIfUnavailable();
        _server = server;
    }

    [SkippableFact]
    public Task Any_history_leaves_every_message_in_one_place() => CheckAsync(length: 40, histories: 60);

    [SkippableFact]
    public Task Any_short_history_leaves_every_message_in_one_place() => CheckAsync(length: 8, histories: 250);

    /// <summary>On a thread of its own: the property is checked synchronously, and asks a server.</summary>
    Task CheckAsync(int length, int histories) => Task.Factory.StartNew(
        () => Prop.ForAll(Operation.Histories(length),
            history => QueueHistory.RunAsync(_server, TestNames.Unique("history"), history).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(histories)),
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}

public sealed class Queue_properties_on_Redis(OnRedis server) : QueuePropertyTests(server), IClassFixture<OnRedis>;

public sealed class Queue_properties_on_the_embedded_server(OnEmbedded server) : QueuePropertyTests(server), IClassFixture<OnEmbedded>;
