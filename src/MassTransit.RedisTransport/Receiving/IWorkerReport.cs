namespace MassTransit.RedisTransport.Receiving;

/// <summary>What a processor on an endpoint reports of its workers. Other packages give it to the endpoint's settings.</summary>
internal interface IWorkerReport
{
    WorkerFigures Read();
}

/// <summary>The figures of a processor's workers.</summary>
/// <param name="Active">How many process a batch now.</param>
/// <param name="Limit">How many there may be now.</param>
/// <param name="Configured">How many the code asks for; with automatic scaling the largest number.</param>
/// <param name="Waiting">How many batches wait for a worker.</param>
/// <param name="Median">The median time from received to processed; <c>null</c> if nothing was processed lately.</param>
/// <param name="Percentile99">Its 99th percentile.</param>
internal readonly record struct WorkerFigures(int Active, int Limit, int Configured, int Waiting, TimeSpan? Median, TimeSpan? Percentile99)
{
    /// <summary>The workers of two processors, with the latencies of the slower one.</summary>
    public static WorkerFigures Add(WorkerFigures one, WorkerFigures other) => new(one.Active + other.Active, one.Limit + other.Limit,
        one.Configured + other.Configured, one.Waiting + other.Waiting, Slower(one.Median, other.Median),
        Slower(one.Percentile99, other.Percentile99));

    static TimeSpan? Slower(TimeSpan? one, TimeSpan? other) => one > other || other is null ? one : other;
}
