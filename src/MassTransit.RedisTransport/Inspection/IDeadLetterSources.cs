namespace MassTransit.RedisTransport.Inspection;

/// <summary>
/// Knows which dead-letter queue takes the dead letters of which queue. Other packages resolve it, whatever they list queues by.
/// </summary>
internal interface IDeadLetterSources
{
    /// <summary>
    /// Lists the dead-letter queues with custom names and the queues whose dead letters they take: those that have taken one, and those of
    /// this bus's endpoints.
    /// </summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    Task<ILookup<string, string>> ListDeadLettersAsync(CancellationToken cancellationToken = default);

    /// <summary>Returns the error queue of a queue that this bus receives from; <c>null</c> if it does not receive from it.</summary>
    string? ErrorQueueOf(string queue);
}
