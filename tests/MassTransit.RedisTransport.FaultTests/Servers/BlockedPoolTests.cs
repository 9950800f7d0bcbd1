using MassTransit.RedisTransport.FaultTests.Support;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Servers;

/// <summary>
/// An application that blocks the threads of the pool until its sends are done was refused all of them, with the advice to check a
/// server that was idle: the time of the send was spent on waiting for a thread.
/// </summary>
public sealed class BlockedPoolTests(ITestOutputHelper output) : FaultTest(output)
{
    [SkippableFact]
    public async Task Sends_that_block_every_thread_of_the_pool_are_all_sent()
    {
        const int count = 300;
        await using var worker = await WorkerProcess.StartAsync(Server, Prefix, Queue, "block", Ledger, $"count={count}");
        await worker.ReadyAsync();

        await Eventually.EqualAsync(count, () => Ledger.Confirmed, TimeSpan.FromSeconds(60), "all sends are confirmed");

        Assert.Equal(1 + count, (await Probe.ReadAsync()).Ready);
        await worker.StopAsync();
    }
}
