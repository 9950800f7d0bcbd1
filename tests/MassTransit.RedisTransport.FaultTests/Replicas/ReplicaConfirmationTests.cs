using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.FaultTests.Replicas;

/// <summary>What RequireReplicas promises, where the connection breaks in between.</summary>
public sealed class ReplicaConfirmationTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    [SkippableFact]
    public async Task A_send_is_not_confirmed_while_no_replica_has_it_however_often_the_connection_breaks() => await WithAsync(async (queue, proxy, replica) =>
    {
        await queue.SendAsync(Message());
        replica.Suspend();

        // The write is answered; then the connection goes before, during and after the question who has it. A new connection
        // has written nothing, and the server would answer at once that its replicas have all of that nothing.
        var sends = new List<Task<SendOutcome>>();
        for (var i = 0; i < 4; i++)
        {
            var asked = proxy.DropReplies("WAIT");
            sends.Add(queue.SendAsync(Message()));
            await Task.WhenAny(asked, sends[^1]);
        }

        foreach (var send in sends)
            Assert.True((await Assert.ThrowsAsync<RedisTransportException>(() => Eventually.CompletesAsync(send))).IsTransient);
        replica.Resume();
        await Eventually.TrueAsync(async () => await TryAsync(queue), message: "sends are confirmed again");
    });

    [SkippableFact]
    public async Task A_send_whose_confirmation_was_lost_with_the_connection_is_confirmed_and_stored_once() => await WithAsync(async (queue, proxy, _) =>
    {
        await queue.SendAsync(Message());
        var asked = proxy.DropReplies("WAIT");
        var send = queue.SendAsync(Message());
        await Eventually.CompletesAsync(asked);
        Assert.Equal(SendOutcome.Stored, await Eventually.CompletesAsync(send));
        Assert.Equal(2, (await queue.CountAsync()).Ready);
    });

    static async Task<bool> TryAsync(BrokerQueue queue)
    {
        try
        {
            return await queue.SendAsync(Message()) == SendOutcome.Stored;
        }
        catch (RedisTransportException)
        {
            return false;
        }
    }

    static async Task WithAsync(Func<BrokerQueue, FaultProxy, RedisServerProcess, Task> test)
    {
        await using var primary = new RedisServerProcess();
        await primary.StartAsync();
        primary.SkipIfNotControllable();
        var options = new RedisServerOptions();
        options.ExtraLines.Add($"replicaof 127.0.0.1 {primary.Port}");
        await using var replica = new RedisServerProcess(options);
        await replica.StartAsync();
        await Eventually.TrueAsync(async () => (await RespProbe.SendAsync(primary.Port, "INFO replication"))?.Contains("state=online", StringComparison.Ordinal) is true,
            message: "the replica is in step");

        await using var proxy = await FaultProxy.ListenAsync(primary.ConnectionString);
        var connection = ConfigurationOptions.Parse(proxy.ConnectionString);
        await using var broker = new QueueBroker(new RedisConnectionSettings
        {
            Options = connection,
            RequiredReplicas = 1,
            ReplicaTimeout = Patience,
            SendTimeout = TimeSpan.FromSeconds(5),
        }, NullLogger.Instance);
        try
        {
            await test(broker.Queue(TestNames.Unique("replicated")), proxy, replica);
        }
        finally
        {
            replica.Resume();
        }
    }

    static OutgoingMessage Message() =>
        new(new MessageRecord { MessageId = Guid.NewGuid(), ContentType = "text/plain", Body = "body"u8.ToArray() }.Pack());
}
