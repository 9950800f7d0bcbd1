namespace MassTransit.Webhooks.Tests.Processing;

/// <summary>The decisions alone, on a made-up load: no clock and no threads.</summary>
public sealed class AutoScalerTests : IAsyncLifetime
{
    readonly WorkerLimit _workers = new(4, 4, 64);
    readonly ProcessorCounters _counters = new("test", TimeProvider.System);
    readonly AutoScaler _scaler;

    public AutoScalerTests() => _scaler = new AutoScaler(_workers, _counters, new StoppedTime(), AutoScaler.DefaultInterval);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scaler.DisposeAsync();

    [Fact]
    public void Workers_grow_to_the_maximum_while_each_step_brings_throughput()
    {
        FillWorkers();

        for (var second = 0; second < 40; second++)
        {
            Process(_workers.Limit * 10);
            _scaler.Step();
        }

        Assert.Equal(64, _workers.Limit);
    }

    [Fact]
    public void Step_that_brings_nothing_is_taken_back()
    {
        FillWorkers();

        var most = 0;
        for (var second = 0; second < 40; second++)
        {
            // A processor bound by the CPU: 100 a second, however many workers.
            Process(100);
            _scaler.Step();
            most = Math.Max(most, _workers.Limit);
        }

        Assert.InRange(most, 5, 6);
        Assert.InRange(_workers.Limit, 4, 6);
    }

    [Fact]
    public void Idle_workers_are_taken_away_down_to_the_minimum()
    {
        _workers.Resize(64);

        for (var second = 0; second < 40; second++)
            _scaler.Step();

        Assert.Equal(4, _workers.Limit);
    }

    [Fact]
    public void Nothing_is_decided_while_the_queue_is_paused_nor_by_the_first_interval_afterwards()
    {
        _workers.Resize(40);
        _scaler.IsPaused = true;
        for (var second = 0; second < 40; second++)
            _scaler.Step();
        Assert.Equal(40, _workers.Limit);

        _scaler.IsPaused = false;
        _scaler.Step();
        Assert.Equal(40, _workers.Limit);
        _scaler.Step();
        Assert.Equal(30, _workers.Limit);
    }

    [Fact]
    public void An_operator_moves_the_maximum_and_the_minimum_never_lies_above_it()
    {
        _workers.Resize(40);

        _workers.Bound(2, 2);
        Assert.Equal((2, 2, 2), (_workers.Min, _workers.Max, _workers.Limit));

        _workers.Bound(4, 64);
        FillWorkers();
        for (var second = 0; second < 40; second++)
        {
            Process(_workers.Limit * 10);
            _scaler.Step();
        }

        Assert.Equal(64, _workers.Limit);
    }

    /// <summary>More batches than there can ever be workers.</summary>
    void FillWorkers()
    {
        for (var i = 0; i < 200; i++)
            _ = _workers.EnterAsync();
    }

    void Process(int count)
    {
        for (var i = 0; i < count; i++)
            _counters.Add(WebhookStatus.Succeeded, TimeSpan.FromMilliseconds(1));
    }

    sealed class StoppedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

        sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
