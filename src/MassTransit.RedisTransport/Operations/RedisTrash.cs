using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Inspection;

namespace MassTransit.RedisTransport.Operations;

/// <summary>The trash of the dead-letter queues of one bus.</summary>
internal sealed class RedisTrash(EngineHost host, ConsumedQueues consumed, IRedisAudit audit) : IRedisTrash
{
    const int Step = 250;

    /// <summary>How many bytes of records one step puts back at most, if they are known.</summary>
    const int StepBytes = 4 * 1024 * 1024;

    public async Task<RedisTrashPage> ListAsync(string queue, int offset = 0, int limit = 100,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MessageQueue.MaxPage);
        var found = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        var page = await found.Queue.ReadTrashAsync(offset, limit, cancellationToken).ConfigureAwait(false);
        return new RedisTrashPage
        {
            Entries = [.. page.Messages.Select(x => Read(found, x))],
            Total = page.Records,
            Bytes = page.Bytes,
        };
    }

    public async Task<RedisTrashedLetter?> GetAsync(string queue, string key, CancellationToken cancellationToken = default)
    {
        var keys = DeadLetterQueue.RequireKeys([key]);
        var found = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        var page = await found.Queue.ReadTrashAsync(keys, cancellationToken).ConfigureAwait(false);
        return page.Messages is [var message, ..] ? Read(found, message) : null;
    }

    public async Task<RedisDiscarded> DiscardAsync(string queue, IReadOnlyCollection<string> keys, RedisActor by,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(by);
        var selection = RedisSelection.Of(keys);
        var found = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        return await audit.RunAsync(AuditEntries.Of(RedisAuditActions.Purge, queue, selection.ToString(), by),
            () => DiscardAsync(found.Queue, [.. selection.Keys!], cancellationToken), x => x.Deleted, cancellationToken)
            .ConfigureAwait(false);
    }

    public async Task<long> RestoreAsync(string queue, IReadOnlyCollection<string> keys, RedisActor by,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(by);
        var selection = RedisSelection.Of(keys);
        var found = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        return await audit.RunAsync(AuditEntries.Of(RedisAuditActions.Restore, queue, selection.ToString(), by),
            () => RestoreAsync(found.Queue, selection.Keys!, cancellationToken), x => x, cancellationToken).ConfigureAwait(false);
    }

    static async Task<RedisDiscarded> DiscardAsync(MessageQueue queue, string[] keys, CancellationToken cancellationToken)
    {
        var toTrash = await new MemoryWatch().HasRoomAsync(queue, cancellationToken).ConfigureAwait(false);
        long deleted = 0, kept = 0;
        for (var first = 0; first < keys.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = await queue.DiscardAsync(keys[first..Math.Min(first + Step, keys.Length)], OperationStep.None, toTrash,
                CancellationToken.None).ConfigureAwait(false);
            first += result.Looked;
            deleted += result.Deleted;
            kept += result.Kept;
        }

        return new RedisDiscarded(deleted, kept);
    }

    static async Task<long> RestoreAsync(MessageQueue queue, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        long restored = 0;
        for (var first = 0; first < keys.Count; first += Step)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var handled = new HashSet<string>(StringComparer.Ordinal);
            for (string[] rest = [.. keys.Skip(first).Take(Step)]; rest.Length > 0;)
            {
                // A part of them, as many as fit into a reply. None: what is left is not in the trash.
                var page = await queue.ReadTrashAsync(rest, CancellationToken.None).ConfigureAwait(false);
                if (page.Messages.Length == 0)
                    break;
                var bytes = 0;
                var part = new List<(string, Failure?)>();
                foreach (var (message, _) in page.Messages)
                {
                    part.Add((message.Key, message.Record is { } record ? Failure.Of(record, cut: false) : null));
                    bytes += message.Record?.Length ?? StepBytes;
                    if (bytes < StepBytes && part.Count < page.Messages.Length)
                        continue;
                    restored += await queue.RestoreAsync(part, CancellationToken.None).ConfigureAwait(false);
                    handled.UnionWith(part.Select(x => x.Item1));
                    break;
                }

                rest = [.. rest.Where(x => !handled.Contains(x))];
            }
        }

        return restored;
    }

    static RedisTrashedLetter Read(DeadLetterQueue found, TrashedMessage message) => new()
    {
        Letter = found.Read(message.Message),
        DeletedAt = MessageKey.TimeOf(message.Time),
        RestorableUntil = MessageKey.TimeOf(message.Time + (long)MessageQueue.TrashTime.TotalMilliseconds),
    };

    Task<DeadLetterQueue> FindAsync(string queue, CancellationToken cancellationToken) =>
        DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken);
}
