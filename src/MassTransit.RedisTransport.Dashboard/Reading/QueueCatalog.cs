namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>
/// The queues there are, read once for all viewers of the process. A list of many queues is read seldom; the figures of those that are
/// shown are asked for by name.
/// </summary>
internal sealed class QueueCatalog(IRedisQueues queues, TimeProvider time)
{
    /// <summary>Above this many queues the list is kept longer.</summary>
    const int Many = 100;

    static readonly TimeSpan Short = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    readonly Cached<IReadOnlyList<RedisQueueInfo>> _all = new(() => queues.ListAsync(), x => x.Count > Many ? Long : Short, time);

    /// <summary>All queues by name, with figures that are up to 30 s old if there are many.</summary>
    public Task<IReadOnlyList<RedisQueueInfo>> AllAsync() => _all.GetAsync();

    /// <summary>The figures of these queues now.</summary>
    public Task<IReadOnlyList<RedisQueueInfo>> ReadAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        names.Count == 0 ? Task.FromResult<IReadOnlyList<RedisQueueInfo>>([]) : queues.ListAsync(names, cancellationToken);

    /// <summary>After an action: what is shown next is read anew.</summary>
    public void Forget() => _all.Forget();
}
