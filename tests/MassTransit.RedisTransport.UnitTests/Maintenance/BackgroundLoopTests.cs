using MassTransit.RedisTransport.Maintenance;

namespace MassTransit.RedisTransport.UnitTests.Maintenance;

public class BackgroundLoopTests
{
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_loop_goes_on_after_failures_and_tells_of_the_first_in_a_row_only()
    {
        // Two rows of failures, with a run between them that succeeds.
        bool[] fails = [true, true, false, true, true, true, false];
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var told = new List<string>();
        var runs = 0;
        await using (new BackgroundLoop(TimeSpan.Zero, RunOnceAsync, () => TimeSpan.Zero, x => told.Add(x.Message)))
            await done.Task.WaitAsync(Bound);

        Assert.Equal(["1", "4"], told);

        Task RunOnceAsync(CancellationToken cancellationToken)
        {
            var run = ++runs;
            if (run >= fails.Length)
                done.TrySetResult();
            return run <= fails.Length && fails[run - 1] ? Task.FromException(new IOException($"{run}")) : Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Disposing_cancels_the_run_under_way_waits_for_its_end_and_tells_nobody()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var told = 0;
        var ended = false;
        var loop = new BackgroundLoop(TimeSpan.Zero, async cancellationToken =>
        {
            began.TrySetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            finally
            {
                ended = true;
            }
        }, () => TimeSpan.Zero, _ => told++);
        await began.Task.WaitAsync(Bound);

        await loop.DisposeAsync().AsTask().WaitAsync(Bound);

        Assert.True(ended);
        Assert.Equal(0, told);
    }

    [Fact]
    public async Task A_loop_that_is_disposed_of_before_its_first_run_never_runs()
    {
        var runs = 0;
        await new BackgroundLoop(Bound, _ => Task.FromResult(++runs), () => TimeSpan.Zero, _ => { }).DisposeAsync().AsTask()
            .WaitAsync(Bound);

        Assert.Equal(0, runs);
    }
}
