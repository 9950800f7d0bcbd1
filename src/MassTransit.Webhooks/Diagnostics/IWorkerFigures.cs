namespace MassTransit.Webhooks.Diagnostics;

/// <summary>How busy the workers of a processor are.</summary>
internal interface IWorkerFigures
{
    /// <summary>Workers that process a batch now.</summary>
    int Active { get; }

    /// <summary>How many there may be now.</summary>
    int Limit { get; }

    /// <summary>Batches that wait for a worker.</summary>
    int Waiting { get; }
}
