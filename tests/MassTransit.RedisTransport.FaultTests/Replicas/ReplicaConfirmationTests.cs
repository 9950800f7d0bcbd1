using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.FaultTests.Replicas;

/// <summary>What RequireReplicas promises, where the connection breaks in between.</summary>
public sealed class ReplicaConfirmationTests
{
    /// <summary>For replicas that are to be too late.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    /// <summary>For replicas that are not, on a busy machine.</summary>
    static readonly TimeSpan Plenty = TimeSpan.FromSeconds(10);

    [SkippableFact]
    public async Task A_send_is_not_confirmed_while_no_replica_has_it_however_often_the_connection_breaks() =>
        await WithAsync(async (queue, proxy, replica) =>
    {
        await Eventually.TrueAsync(() => TryAsync(queue), message: "a send is confirmed");
        replica.Suspend();

        // The write is answered; then the connection goes while the server asks its replicas who has it.
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
    public async Task A_send_whose_confirmation_was_lost_with_the_connection_is_confirmed_and_stored_once() =>
        await WithAsync(async (queue, proxy, _) =>
    {
        await queue.SendAsync(Message());
        var asked = proxy.DropReplies("WAIT");
        var send = queue.SendAsync(Message());
        await Eventually.CompletesAsync(asked);
        Assert.Equal(SendOutcome.Stored, await Eventually.CompletesAsync(send));
        Assert.Equal(2, (await queue.CountAsync()).Ready);
    }, Plenty);

    [SkippableFact]
    public async Task What_replicas_have_of_a_primary_that_has_lost_the_write_does_not_confirm_it() =>
        await WithServersAsync(async (proxy, primary, _) =>
    {
        // The write is answered; then the connection goes while the server asks its replicas who has it, and the primary starts
        // empty. Its replica soon has all of that, as it would at once with another primary after a failover.
        await using var engine = new QueueEngine(Settings(proxy, Plenty), NullLogger.Instance);
        var queue = engine.Queue(TestNames.Unique("written"));
        await queue.SendAsync(Message());
        var asked = proxy.DropReplies("WAIT");
        var send = queue.SendAsync(Message());
        await Eventually.CompletesAsync(asked);
        await primary.KillAsync();
        await primary.RestartAsync();
        await ReplicaInStepAsync(primary);

        Assert.Equal(SendOutcome.Stored, await Eventually.CompletesAsync(send));
        Assert.Equal(1, (await queue.CountAsync()).Ready);
    });

    static async Task<bool> TryAsync(MessageQueue queue)
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

    static Task WithAsync(Func<MessageQueue, FaultProxy, RedisServerProcess, Task> test, TimeSpan? patience = null) =>
        WithServersAsync(async (proxy, _, replica) =>
    {
        await using var engine = new QueueEngine(Settings(proxy, patience ?? Patience), NullLogger.Instance);
        await test(engine.Queue(TestNames.Unique("replicated")), proxy, replica);
    });

    static RedisConnectionSettings Settings(FaultProxy proxy, TimeSpan patience) => new()
    {
        Options = ConfigurationOptions.Parse(proxy.ConnectionString),
        RequiredReplicas = 1,
        ReplicaTimeout = patience,
        SendTimeout = TimeSpan.FromSeconds(5) + patience,
    };

    static Task ReplicaInStepAsync(RedisServerProcess primary) => Eventually.TrueAsync(
        async () => (await RespProbe.SendAsync(primary.Port, "INFO replication"))
            ?.Contains("state=online", StringComparison.Ordinal) is true,
        message: "the replica is in step");

    static async Task WithServersAsync(Func<FaultProxy, RedisServerProcess, RedisServerProcess, Task> test)
    {
        await using var primary = new RedisServerProcess();
        await primary.StartAsync();
        primary.SkipIfNotControllable();
        var options = new RedisServerOptions();
        options.ExtraLines.Add($"replicaof 127.0.0.1 {primary.Port}");
        await using var replica = new RedisServerProcess(options);
        await replica.StartAsync();
        await ReplicaInStepAsync(primary);

        await using var proxy = await FaultProxy.ListenAsync(primary.ConnectionString);
        try
        {
            await test(proxy, primary, replica);
        }
        finally
        {
            replica.Resume();
        }
    }

    static OutgoingMessage Message() =>
        new(new MessageRecord { MessageId = Guid.NewGuid(), ContentType = "text/plain", Body = "body"u8.ToArray() }.Pack());
}
