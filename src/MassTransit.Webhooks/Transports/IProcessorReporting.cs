namespace MassTransit.Webhooks;

/// <summary>
/// What a transport must provide to show operators the workers of processors. On others only the process itself knows them.
/// </summary>
internal interface IProcessorReporting
{
    /// <summary>Shows the workers of a processor as those of its endpoint.</summary>
    /// <param name="endpoint">The endpoint that is being configured.</param>
    /// <param name="processor">Returns the processor. Called when the endpoint runs.</param>
    void Attach(IReceiveEndpointConfigurator endpoint, Func<IProcessorFigures> processor);
}

/// <summary>A processor that can be asked for its figures.</summary>
internal interface IProcessorFigures
{
    ProcessorFigures Read();
}

/// <summary>The figures of a processor.</summary>
/// <param name="ActiveWorkers">How many workers process a batch now.</param>
/// <param name="WorkerLimit">How many workers there may be now.</param>
/// <param name="ConfiguredWorkers">How many the code asks for; with <c>AutoScale</c> the largest number.</param>
/// <param name="WaitingBatches">How many batches wait for a worker.</param>
/// <param name="MedianLatency">The median time from received to processed; <c>null</c> if nothing was processed lately.</param>
/// <param name="Percentile99Latency">Its 99th percentile.</param>
internal readonly record struct ProcessorFigures(int ActiveWorkers, int WorkerLimit, int ConfiguredWorkers, int WaitingBatches,
    TimeSpan? MedianLatency, TimeSpan? Percentile99Latency);
