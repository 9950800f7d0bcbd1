namespace MassTransit.Webhooks.Benchmarks;

public sealed record BenchmarkMessage
{
    public int Id { get; init; }

    public string Body { get; init; } = "";
}

/// <summary>Counts each id once.</summary>
public sealed class Tally
{
    TaskCompletionSource _done = new();
    int[] _seen = [];
    int _missing;
    int _expected;
    int _repeats;

    public int Repeats => _repeats;

    /// <summary>How many have been counted.</summary>
    public int Done => _expected - Volatile.Read(ref _missing);

    /// <summary>Completes when so many ids have come, or fewer of them.</summary>
    public Task Expect(int count, int? finishAfter = null)
    {
        _seen = new int[count];
        _repeats = 0;
        _missing = _expected = finishAfter ?? count;
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _done.Task;
    }

    public void Count(int id)
    {
        if (Interlocked.Increment(ref _seen[id]) > 1)
            Interlocked.Increment(ref _repeats);
        else if (Interlocked.Decrement(ref _missing) == 0)
            _done.TrySetResult();
    }
}

public sealed class SingleConsumer(Tally tally) : IConsumer<BenchmarkMessage>
{
    public Task Consume(ConsumeContext<BenchmarkMessage> context)
    {
        tally.Count(context.Message.Id);
        return Task.CompletedTask;
    }
}

public sealed class BatchConsumer(Tally tally) : IConsumer<Batch<BenchmarkMessage>>
{
    public Task Consume(ConsumeContext<Batch<BenchmarkMessage>> context)
    {
        foreach (var message in context.Message)
            tally.Count(message.Message.Id);
        return Task.CompletedTask;
    }
}
