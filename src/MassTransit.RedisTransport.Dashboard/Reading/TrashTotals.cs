namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>How much of which dead-letter queue lies in the trash.</summary>
/// <param name="queues">The dead-letter queues that were looked at.</param>
/// <param name="isComplete">False if there are more of them.</param>
internal sealed class TrashTotals(IReadOnlyList<(string Queue, RedisTrashPage Trash)> queues, bool isComplete)
{
    /// <summary>More at a time would be felt by the server.</summary>
    const int MaxQueues = 200;

    public IReadOnlyList<(string Queue, RedisTrashPage Trash)> Queues => queues;

    public bool IsComplete => isComplete;

    public static async Task<TrashTotals> ReadAsync(QueueCatalog catalog, IRedisTrash trash)
    {
        string[] names = [.. (await catalog.AllAsync().ConfigureAwait(false)).Where(x => x.IsDeadLetterQueue).Select(x => x.Name)];
        var read = await Task.WhenAll(names.Take(MaxQueues).Select(async x =>
        {
            try
            {
                return (x, await trash.ListAsync(x, 0, 1).ConfigureAwait(false));
            }
            catch (Exception exception) when (exception is RedisQueueNotFoundException or ArgumentException)
            {
                // It was deleted after it was listed.
                return (x, null as RedisTrashPage);
            }
        })).ConfigureAwait(false);
        return new TrashTotals([.. read.Where(x => x.Item2 is not null).Select(x => (x.x, x.Item2!))], names.Length <= MaxQueues);
    }
}
