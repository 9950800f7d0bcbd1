using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Receiving;

namespace MassTransit.RedisTransport.Operations;

/// <summary>The operations on the dead letters of one bus.</summary>
internal sealed class RedisOperations(EngineHost host, ConsumedQueues consumed, IRedisAudit audit, OperationTiming? timing = null)
    : IRedisOperations
{
    readonly OperationTiming _timing = timing ?? new OperationTiming();
    readonly AsyncSignal _started = new();

    public Task<RedisSelectionPreview> PreviewAsync(string queue, RedisSelection selection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(selection);
        return new SelectionPreview(host, consumed).ReadAsync(queue, selection, cancellationToken);
    }

    public Task<RedisOperation> StartReplayAsync(RedisReplay request, RedisActor by, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(by);
        request.Validate();
        return StartAsync(request.Queue, request.Selection, OperationReading.Write(request, by), RedisAuditActions.Replay, by,
            cancellationToken);
    }

    public Task<RedisOperation> StartPurgeAsync(RedisPurge request, RedisActor by, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(by);
        request.Validate();
        return StartAsync(request.Queue, request.Selection, OperationReading.Write(request, by), RedisAuditActions.Purge, by,
            cancellationToken);
    }

    public async Task<RedisOperation?> GetAsync(string id, CancellationToken cancellationToken = default) =>
        await QueueOf(id).FindOperationAsync(id, cancellationToken).ConfigureAwait(false) is { } operation
            ? OperationReading.Read(operation) : null;

    public async Task<IReadOnlyList<RedisOperation>> ListAsync(string? queue = null, CancellationToken cancellationToken = default)
    {
        string[] queues = queue is null ? await host.Current.ListOperationQueuesAsync(cancellationToken).ConfigureAwait(false) : [queue];
        var operations = new List<RedisOperation>();
        foreach (var name in queues)
        {
            var found = host.Current.Inspect(name);
            var (ids, _) = await found.ListOperationsAsync(cancellationToken).ConfigureAwait(false);
            var read = await Task.WhenAll(ids.Where(OperationId.IsId).Select(x => found.FindOperationAsync(x, cancellationToken)))
                .ConfigureAwait(false);
            operations.AddRange(read.OfType<StoredOperation>().Where(x => OperationId.IsId(x.Id)).Select(OperationReading.Read));
        }

        return [.. operations.OrderByDescending(x => x.StartedAt).ThenBy(x => x.Id, StringComparer.Ordinal)];
    }

    public Task<RedisOperation?> CancelAsync(string id, RedisActor by, CancellationToken cancellationToken = default) =>
        OrderAsync(id, "cancel", Why(by, "cancelled"), RedisAuditActions.Cancel, null, by, cancellationToken);

    public Task<RedisOperation?> PauseAsync(string id, RedisActor by, CancellationToken cancellationToken = default) =>
        OrderAsync(id, "pause", Why(by, "paused"), RedisAuditActions.Pause, null, by, cancellationToken);

    public async Task<RedisOperation?> ResumeAsync(string id, RedisActor by, CancellationToken cancellationToken = default)
    {
        var resumed = await OrderAsync(id, "resume", "", RedisAuditActions.Resume, null, by, cancellationToken).ConfigureAwait(false);
        _started.Set();
        return resumed;
    }

    public Task<RedisOperation?> SetRateAsync(string id, int? messagesPerSecond, RedisActor by,
        CancellationToken cancellationToken = default)
    {
        RedisOperationRange.Require(messagesPerSecond is null or (>= 1 and <= RedisReplay.MaxRate), nameof(messagesPerSecond),
            messagesPerSecond, $"1 to {RedisReplay.MaxRate} a second");
        return OrderAsync(id, "rate", OperationReading.Text(messagesPerSecond), RedisAuditActions.Rate,
            messagesPerSecond is { } rate ? $"{rate} a second" : "as fast as possible", by, cancellationToken);
    }

    public Task RunAsync(CancellationToken cancellationToken) =>
        new OperationRunner(host, consumed, _timing, _started).RunAsync(cancellationToken);

    public async Task<RedisOperation?> RunAsync(string id, IProgress<RedisOperation>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var name = OperationId.QueueOf(id);
        while (true)
        {
            StoredOperation? operation;
            try
            {
                var found = await DeadLetterQueue.FindAsync(host, consumed, name, cancellationToken).ConfigureAwait(false);
                operation = await new OperationExecutor(found, id, _timing, Tell).RunAsync(cancellationToken).ConfigureAwait(false);
                if (operation is null)
                    return null;
                if (OperationReading.Read(operation) is { HasEnded: true } ended)
                    return ended;
            }
            catch (RedisTransportException exception) when (exception.IsTransient)
            {
                // The server is away. The operation waits for it, as the queues do.
            }

            cancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(_timing.Beat, cancellationToken).ConfigureAwait(false);
        }

        void Tell(StoredOperation operation) => progress?.Report(OperationReading.Read(operation));
    }

    async Task<RedisOperation> StartAsync(string queue, RedisSelection selection, Dictionary<string, string> fields, string action,
        RedisActor by, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(selection);
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        if ((await found.Queue.ListOperationsAsync(cancellationToken).ConfigureAwait(false)).Running is { } before
            && await found.Queue.FindOperationAsync(before, cancellationToken).ConfigureAwait(false) is not null)
            throw new RedisOperationRunningException(queue, before);

        var id = OperationId.New(queue);
        var preview = OperationReading.TotalOf(selection);
        var operation = await AuditedAsync(action, queue, $"{selection} ({id})", by, async () =>
        {
            // Noted first, so that no operation is started that nobody finds.
            await host.Current.NoteOperationsAsync(queue, cancellationToken).ConfigureAwait(false);
            string? gone = null;
            while (await found.Queue.StartAsync(id, preview, fields, gone, cancellationToken).ConfigureAwait(false) is { } running)
            {
                // One whose record is gone, because somebody has deleted it, must not block the queue for ever.
                if (gone == running || await found.Queue.FindOperationAsync(running, cancellationToken).ConfigureAwait(false) is not null)
                    throw new RedisOperationRunningException(queue, running);
                gone = running;
            }

            // A process that saw no operation in between may have taken the note away.
            await host.Current.NoteOperationsAsync(queue, cancellationToken).ConfigureAwait(false);
            return OperationReading.Read((await found.Queue.FindOperationAsync(id, cancellationToken).ConfigureAwait(false))
                ?? throw new RedisTransportException($"Operation '{id}' was started and is gone: somebody has deleted '{queue}'."));
        }, x => x.Total, cancellationToken).ConfigureAwait(false);
        _started.Set();
        return operation;
    }

    async Task<RedisOperation?> OrderAsync(string id, string order, string value, string action, string? what, RedisActor by,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(by);
        var queue = QueueOf(id);
        if (await queue.FindOperationAsync(id, cancellationToken).ConfigureAwait(false) is not { } operation)
            return null;
        if (OperationReading.Read(operation) is { HasEnded: true } ended)
            return ended;

        return await AuditedAsync(action, queue.Name.Value, what is null ? id : $"{id}: {what}", by, async () =>
        {
            await queue.OrderAsync(id, order, value, cancellationToken).ConfigureAwait(false);
            return await queue.FindOperationAsync(id, cancellationToken).ConfigureAwait(false) is { } changed
                ? OperationReading.Read(changed) : null;
        }, static _ => null, cancellationToken).ConfigureAwait(false);
    }

    Task<T> AuditedAsync<T>(string action, string queue, string selection, RedisActor by, Func<Task<T>> act, Func<T, long?> count,
        CancellationToken cancellationToken) =>
        audit.RunAsync(AuditEntries.Of(action, queue, selection, by), act, count, cancellationToken);

    MessageQueue QueueOf(string id) => host.Current.Inspect(OperationId.QueueOf(id));

    static string Why(RedisActor by, string what)
    {
        ArgumentNullException.ThrowIfNull(by);
        return FailureText.Line(by.Reason is { } reason ? $"{what} by {by.User}: {reason}" : $"{what} by {by.User}",
            RedisAuditEntry.MaxReason);
    }
}
