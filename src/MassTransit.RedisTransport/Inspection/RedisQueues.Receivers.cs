using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>The part that reads what receivers have written down.</summary>
internal sealed partial class RedisQueues
{
    public async Task<IReadOnlyList<RedisReceiver>> ListReceiversAsync(string? queue = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<string> names;
        if (queue is not null)
        {
            await RequireAsync(queue, cancellationToken).ConfigureAwait(false);
            names = [queue];
        }
        else
        {
            names = await host.Current.ListQueuesAsync(cancellationToken).ConfigureAwait(false);
        }

        var found = new List<RedisReceiver>();
        foreach (var chunk in names.Chunk(Concurrent))
        {
            foreach (var read in await Task.WhenAll(chunk.Select(x => ReadReceiversAsync(x, cancellationToken))).ConfigureAwait(false))
                found.AddRange(read);
        }

        return
        [
            .. found.OrderBy(x => x.Queue, StringComparer.Ordinal).ThenBy(x => x.Pod ?? x.Host, StringComparer.Ordinal)
                .ThenBy(x => x.ProcessId).ThenBy(x => x.InstanceId, StringComparer.Ordinal),
        ];
    }

    public async Task<IReadOnlyList<RedisQueueMinute>> GetHistoryAsync(string queue, TimeSpan? back = null,
        CancellationToken cancellationToken = default)
    {
        if (back is { } time && (time < TimeSpan.FromMinutes(1) || time > ReceiverBook.Day))
            throw new ArgumentOutOfRangeException(nameof(back), back, "The figures of 1 minute to 24 hours are kept.");
        await RequireAsync(queue, cancellationToken).ConfigureAwait(false);
        return await ReadHistoryAsync(queue, back ?? ReceiverBook.Day, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The receivers of a queue that is known to exist.</summary>
    public async Task<RedisReceiver[]> ReadReceiversAsync(string queue, CancellationToken cancellationToken) =>
        Array.ConvertAll(await host.Current.ListReceiversAsync(queue, cancellationToken).ConfigureAwait(false), x => Receiver(queue, x));

    /// <summary>The last minutes of a queue that is known to exist.</summary>
    public async Task<RedisQueueMinute[]> ReadHistoryAsync(string queue, TimeSpan back, CancellationToken cancellationToken) =>
        Array.ConvertAll((await host.Current.ReadHistoryAsync(queue, back, cancellationToken).ConfigureAwait(false)).Minutes, Minute);

    static RedisReceiver Receiver(string queue, ReceiverEntry entry)
    {
        var report = ReceiverReport.Read(entry.Said);
        var silence = entry.ServerTime > entry.LastBeat ? entry.ServerTime - entry.LastBeat : TimeSpan.Zero;
        return new RedisReceiver
        {
            InstanceId = entry.Id,
            Queue = queue,
            IsAlive = silence < ReceiverBook.DeadAfter,
            Silence = silence,
            LastBeat = entry.LastBeat,
            StartedAt = entry.LastBeat - DateTimeOffset.MinValue > report.Uptime ? entry.LastBeat - report.Uptime : DateTimeOffset.MinValue,
            Host = report.Host,
            Pod = report.Pod,
            ProcessName = report.Process,
            ProcessId = report.ProcessId,
            Version = report.Version,
            Protocol = report.Protocol,
            ControlVersion = report.ControlVersion,
            Prefetch = report.Prefetch,
            Held = report.Held,
            ActiveWorkers = report.ActiveWorkers,
            WorkerLimit = report.WorkerLimit,
            ConfiguredWorkers = report.ConfiguredWorkers,
            WaitingBatches = report.WaitingBatches,
            InRate = report.InRate,
            OutRate = report.OutRate,
            MedianLatency = report.MedianLatency,
            Percentile99Latency = report.Percentile99Latency,
        };
    }

    static RedisQueueMinute Minute(MinuteFigures figures) => new()
    {
        Minute = figures.Time,
        Ready = figures.Values[0],
        Delayed = figures.Values[1],
        Leased = figures.Values[2],
        DeadLetters = figures.Values[3],
        OldestAge = TimeSpan.FromSeconds(Math.Min(figures.Values[4], 10_000_000_000)),
        Sent = figures.Values[5],
        Completed = figures.Values[6],
        Moved = figures.Values[7],
        Reclaimed = figures.Values[8],
    };
}
