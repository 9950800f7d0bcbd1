using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.FaultTests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Operations;

/// <summary>A process that works on an operation ends without a word, and another one goes on with it.</summary>
public sealed class KilledOperatorTests(ITestOutputHelper output) : FaultTest(output)
{
    const int Letters = 10_000;

    /// <summary>The lease of an operation, 15 s, the poll of the others, 2.5 s, and a machine that is busy with other things.</summary>
    static readonly TimeSpan TakenOverWithin = TimeSpan.FromSeconds(30);

    [SkippableFact]
    public async Task A_replay_whose_process_is_killed_is_ended_by_another_and_no_message_is_lost_or_doubled()
    {
        Server.SkipIfNotControllable();
        await using var connection = await Server.ConnectAsync();
        var engine = new QueueEngine(new RedisConnectionSettings { Options = Server.ConfigurationOptions, KeyPrefix = Prefix },
            NullLogger.Instance);
        var (queue, dead) = (engine.Queue(Queue), engine.Queue($"{Queue}_error"));
        for (var i = 0; i < Letters; i += 1_000)
            await Task.WhenAll(Enumerable.Range(i, 1_000).Select(n => dead.SendAsync(new OutgoingMessage(Record(n)))));
        await using var administration = RedisAdministration.Connect(Server.ConnectionString, Prefix);
        var operations = administration.Operations;
        WorkerProcess[] workers = [await StartAsync(), await StartAsync()];
        try
        {
            foreach (var worker in workers)
                await worker.ReadyAsync();
            var id = (await operations.StartReplayAsync(new RedisReplay($"{Queue}_error", RedisSelection.All)
            {
                Canary = 0,
                Rate = 1_500,
                MaxReady = null,
            }, new RedisActor("ann"))).Id;
            using var end = new CancellationTokenSource();
            var sums = SumsAsync(connection, [queue.Keys.Ready, dead.Keys.Ready], end.Token);
            await Eventually.TrueAsync(async () => (await operations.GetAsync(id))!.Done >= 0.3 * Letters);
            var before = (await operations.GetAsync(id))!;
            var victim = Assert.Single(workers, x => x.Name == before.Owner);
            await victim.KillAsync();

            await Eventually.TrueAsync(async () => (await operations.GetAsync(id))!.TakenOver == 1, TakenOverWithin,
                "another process goes on with it");
            await operations.SetRateAsync(id, null, new RedisActor("ann"));
            await Eventually.TrueAsync(async () => (await operations.GetAsync(id))!.HasEnded, TimeSpan.FromSeconds(30), "it is at its end");
            await end.CancelAsync();
            var after = (await operations.GetAsync(id))!;
            Assert.Equal((RedisOperationState.Done, Letters, 0L), (after.State, (int)after.Done, after.Missing));
            Assert.Equal((Letters, 0L), ((int)(await queue.CountAsync()).Ready, (await dead.CountAsync()).Ready));
            var seen = await sums;
            Assert.True(seen.Count > 20);
            Assert.Equal([Letters], seen.Distinct());
            Output.WriteLine($"killed at {before.Done} of {Letters}, ended {after.UpdatedAt - before.UpdatedAt} later");
            await workers.Single(x => x != victim).StopAsync();
        }
        finally
        {
            foreach (var worker in workers)
                await worker.DisposeAsync();
        }
    }

    Task<WorkerProcess> StartAsync() => WorkerProcess.StartAsync(Server, Prefix, Queue, "operate", Ledger);

    /// <summary>How many messages are in both queues, each time at one instant.</summary>
    static async Task<List<int>> SumsAsync(ConnectionMultiplexer connection, RedisKey[] keys, CancellationToken end)
    {
        var sums = new List<int>();
        while (!end.IsCancellationRequested)
        {
            try
            {
                sums.Add((int)await connection.GetDatabase()
                    .ScriptEvaluateAsync("return redis.call('ZCARD', KEYS[1]) + redis.call('ZCARD', KEYS[2])", keys));
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException)
            {
                // The machine is too busy for this look. There are hundreds of others.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }

        return sums;
    }

    static byte[] Record(int n) => new MessageRecord
    {
        MessageId = Guid.NewGuid(),
        ContentType = "text/plain",
        Headers = [new("MT-Fault-Message", $"number {n}"), new("MT-Reason", "fault")],
        Body = new byte[100],
    }.Pack();
}
