namespace MassTransit.Webhooks.Diagnostics;

/// <summary>Figures about the workers of a processor.</summary>
internal interface IWorkerFigures
{
    /// <summary>How many workers process a batch now.</summary>
    int Active { get; }

    /// <summary>How many workers there may be now.</summary>
    int Limit { get; }

    /// <summary>How many batches wait for a worker.</summary>
    int Waiting { get; }
}
