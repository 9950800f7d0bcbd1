using System.Diagnostics;
using System.Text;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Inspection;

namespace MassTransit.RedisTransport.Operations;

/// <summary>Tells what an operation would do.</summary>
internal sealed class SelectionPreview(EngineHost host, ConsumedQueues consumed)
{
    const int Samples = 3;
    const int Step = RedisDeadLetters.Step;

    readonly List<RedisDeadLetter> _samples = [];
    long _matches;
    long? _looked;
    DateTimeOffset? _oldest;
    DateTimeOffset? _newest;

    public async Task<RedisSelectionPreview> ReadAsync(string queue, RedisSelection selection, CancellationToken cancellationToken)
    {
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        var groups = await found.Queue.ListGroupsAsync(cancellationToken).ConfigureAwait(false);
        var count = await CountAsync(found, groups, selection, cancellationToken).ConfigureAwait(false);
        var (_, running) = await found.Queue.ListOperationsAsync(cancellationToken).ConfigureAwait(false);
        return new RedisSelectionPreview
        {
            Count = count ?? _matches,
            IsCountExact = count is not null,
            Looked = _looked ?? _matches,
            Queued = groups.Total,
            Oldest = _oldest,
            Newest = _newest,
            Samples = _samples,
            Restorable = await RestorableAsync(found.Queue, count ?? _matches, cancellationToken).ConfigureAwait(false),
            Running = running,
        };
    }

    /// <summary>Returns the exact number, or <c>null</c> if a filter has seen only a part.</summary>
    async Task<long?> CountAsync(DeadLetterQueue found, StoredGroups groups, RedisSelection selection, CancellationToken cancellationToken)
    {
        if (selection.Keys is { } keys)
        {
            await foreach (var messages in found.Queue.ReadAsync([.. keys], cancellationToken).ConfigureAwait(false))
                LookAt(found, messages, null, default);
            return _matches;
        }

        if (selection.Filter is { } filter && !OperationSource.IsGroupAlone(filter))
            return await FilterAsync(found, filter, cancellationToken).ConfigureAwait(false) ? _matches : null;

        var group = selection.Filter?.Group;
        var page = await found.Queue.PageAsync(null, null, Samples, group, cancellationToken).ConfigureAwait(false);
        for (var pages = 1; page is { Messages: [], HasMore: true } && pages < DeadLetterQueue.MaxPages(selection.Filter); pages++)
        {
            page = await found.Queue.PageAsync(page.LastScore, page.LastKey, Samples, group, cancellationToken).ConfigureAwait(false);
        }

        LookAt(found, page.Messages, null, default);
        if (group is null)
        {
            var last = await found.Queue.CountAsync(cancellationToken).ConfigureAwait(false);
            Extend(await LastAsync(found, last.Ready, cancellationToken).ConfigureAwait(false));
            return last.Ready;
        }

        if (Array.Find(groups.Groups, x => x.Id == group) is not { } known)
            return 0;
        _oldest = MessageKey.TimeOf(known.First);
        _newest = MessageKey.TimeOf(known.Last);
        return known.Count;
    }

    /// <summary>Returns false if there are more than it looks at.</summary>
    async Task<bool> FilterAsync(DeadLetterQueue found, RedisDeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        string? score = null, key = null;
        _looked = 0;
        for (int pages = 0, read = 0; read < DeadLetterQueue.MaxRead && pages < DeadLetterQueue.MaxPages(filter)
            && Stopwatch.GetElapsedTime(started) < DeadLetterQueue.MaxTime; pages++)
        {
            var page = await found.PageAsync(filter, score, key, Step, cancellationToken).ConfigureAwait(false);
            LookAt(found, page.Messages, filter, page.ServerTime);
            read += page.Messages.Length;
            _looked += page.Looked;
            if (!page.HasMore)
                return true;
            (score, key) = (page.LastScore, page.LastKey);
        }

        return false;
    }

    /// <summary>When the last message in the queue's order came in: the newest one, if all have the same priority.</summary>
    static async Task<DateTimeOffset?> LastAsync(DeadLetterQueue found, long ready, CancellationToken cancellationToken)
    {
        var at = (int)Math.Clamp(ready - 1, 0, int.MaxValue);
        for (var tries = 0; tries < 2; tries++, at = 0)
        {
            if (await found.Queue.PeekAsync(MessageState.Ready, at, 1, cancellationToken).ConfigureAwait(false) is [var last])
                return TimeOf(last.Key);
        }

        return null;
    }

    void LookAt(DeadLetterQueue found, WaitingMessage[] messages, RedisDeadLetterFilter? filter, DateTimeOffset now)
    {
        foreach (var message in messages)
        {
            var letter = found.Read(message);
            if (!filter.Matches(letter, now))
                continue;

            _matches += MessageKey.MessageCountOf(message.Key);
            Extend(TimeOf(message.Key));
            if (_samples.Count < Samples)
                _samples.Add(letter);
        }
    }

    void Extend(DateTimeOffset? time)
    {
        if (time is null)
            return;
        _oldest = _oldest < time ? _oldest : time;
        _newest = _newest > time ? _newest : time;
    }

    static DateTimeOffset? TimeOf(string key) =>
        MessageKey.TryParse(Encoding.UTF8.GetBytes(key), out var parsed) ? parsed.Time : null;

    static async Task<long> RestorableAsync(MessageQueue queue, long count, CancellationToken cancellationToken)
    {
        if (!await new MemoryWatch().HasRoomAsync(queue, cancellationToken).ConfigureAwait(false))
            return 0;

        var trash = await queue.ReadTrashAsync(0, 1, cancellationToken).ConfigureAwait(false);
        return trash.Bytes >= MessageQueue.TrashBytes ? 0 : Math.Clamp(MessageQueue.TrashRecords - trash.Records, 0, count);
    }
}
