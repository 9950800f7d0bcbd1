using System.Diagnostics;
using System.Text;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>
/// The dead letters of the queues of one bus. A message that was read may be gone a moment later, so only the scripts decide what is moved:
/// each moves a message only if it has removed it.
/// </summary>
internal sealed partial class RedisDeadLetters(EngineHost host, ConsumedQueues consumed, IRedisAudit audit) : IRedisDeadLetters
{
    /// <summary>How many dead letters one step reads. It takes the server a few ms.</summary>
    internal const int Step = 250;

    delegate Task<int> Apply(DeadLetterQueue queue, IReadOnlyList<RedisDeadLetter> letters, CancellationToken cancellationToken);

    public async Task<RedisDeadLetterPage> ListAsync(string queue, RedisDeadLetterFilter? filter = null, int limit = 100,
        string? after = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MessageQueue.MaxPage);
        var (score, key, before) = DeadLetterQueue.ParseCursor(after);
        RequireGroup(filter);
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        var entries = new List<RedisDeadLetter>();
        var started = Stopwatch.GetTimestamp();
        for (int examined = 0, pages = 1; ; pages++)
        {
            var page = await found.PageAsync(filter, score, key, filter is null ? Math.Min(Step, limit - entries.Count) : Step,
                cancellationToken).ConfigureAwait(false);
            (score, key) = (page.LastScore, page.LastKey);
            for (var i = 0; i < page.Messages.Length; i++)
            {
                var message = page.Messages[i];
                examined++;
                var letter = found.Read(message);
                if (filter.Matches(letter, page.ServerTime))
                    entries.Add(letter);
                if (entries.Count == limit && (page.HasMore || i < page.Messages.Length - 1))
                    return Page(before + message.Looked, page, DeadLetterQueue.Cursor(message.Score, message.Key, before + message.Looked));
            }

            before += page.Looked;
            if (!page.HasMore || entries.Count == limit)
                return Page(before, page, null);
            if (examined >= DeadLetterQueue.MaxRead || pages >= DeadLetterQueue.MaxPages(filter)
                || Stopwatch.GetElapsedTime(started) >= DeadLetterQueue.MaxTime)
                return Page(before, page, DeadLetterQueue.Cursor(score, key, before));
        }

        RedisDeadLetterPage Page(long looked, WaitingPage page, string? next) =>
            new() { Entries = entries, Next = next, Looked = looked, Queued = page.Waiting };
    }

    public async Task<RedisDeadLetter?> GetAsync(string queue, string key, CancellationToken cancellationToken = default)
    {
        var keys = DeadLetterQueue.RequireKeys([key]);
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(found, keys, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the first of the given dead letters that is there; <c>null</c> if none is.</summary>
    static async Task<RedisDeadLetter?> ReadAsync(DeadLetterQueue found, string[] keys, CancellationToken cancellationToken)
    {
        await foreach (var messages in found.Queue.ReadAsync(keys, cancellationToken).ConfigureAwait(false))
        {
            if (messages.Length > 0)
                return found.Read(messages[0]);
        }

        return null;
    }

    public async Task<RedisFailureGroups> ListGroupsAsync(string queue, CancellationToken cancellationToken = default)
    {
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        return await FailureGroups.ListAsync(found.Queue, cancellationToken).ConfigureAwait(false);
    }

    public async Task<long> ReplayAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        var wanted = DeadLetterQueue.RequireKeys(keys);
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        return await TraceAsync(queue, async step =>
        {
            long replayed = 0;
            await foreach (var messages in found.Queue.ReadAsync(wanted, cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                replayed += await step(found, [.. messages.Select(found.Read)], cancellationToken).ConfigureAwait(false);
            }

            return replayed;
        }).ConfigureAwait(false);
    }

    public Task<long> ReplayAsync(string queue, RedisDeadLetterFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return TraceAsync(queue, step => ForEachStepAsync(queue, filter, step, cancellationToken));
    }

    public Task<long> ReplayAllAsync(string queue, CancellationToken cancellationToken = default) =>
        TraceAsync(queue, step => ForEachStepAsync(queue, null, step, cancellationToken));

    public async Task<long> PurgeAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        var wanted = DeadLetterQueue.RequireKeys(keys);
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        return await found.Queue.RemoveAsync(wanted, cancellationToken).ConfigureAwait(false);
    }

    public Task<long> PurgeAsync(string queue, RedisDeadLetterFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return ForEachStepAsync(queue, filter, PurgeAsync, cancellationToken);
    }

    public Task<long> PurgeAllAsync(string queue, CancellationToken cancellationToken = default) =>
        ForEachStepAsync(queue, null, PurgeAsync, cancellationToken);

    /// <summary>
    /// Runs through the dead letters that exist at the beginning, step by step. Messages that are dead-lettered meanwhile have higher
    /// places and are not included.
    /// </summary>
    async Task<long> ForEachStepAsync(string queue, RedisDeadLetterFilter? filter, Apply apply, CancellationToken cancellationToken)
    {
        RequireGroup(filter);
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        long done = 0;
        long? bound = null;
        string? score = null, key = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = await found.PageAsync(filter, score, key, Step, cancellationToken).ConfigureAwait(false);
            bound ??= page.HighestPlace;
            var letters = page.Messages.Where(x => IsWithin(x, bound.Value))
                .Select(found.Read)
                .Where(x => filter.Matches(x, page.ServerTime)).ToArray();
            if (letters.Length > 0)
                done += await apply(found, letters, cancellationToken).ConfigureAwait(false);
            if (!page.HasMore)
                return done;
            (score, key) = (page.LastScore, page.LastKey);
        }
    }

    static async Task<long> TraceAsync(string queue, Func<Apply, Task<long>> replay)
    {
        using var trace = ReplayActivity.Start(queue);
        try
        {
            return await replay((found, letters, cancellationToken) => ReplayAsync(found, letters, trace, cancellationToken))
                .ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            trace?.Failed(exception);
            throw;
        }
    }

    static async Task<int> ReplayAsync(DeadLetterQueue queue, IReadOnlyList<RedisDeadLetter> letters, ReplayActivity? trace,
        CancellationToken cancellationToken)
    {
        // A member that no script has written is no message. It stays in the queue, where an operator can inspect and purge it.
        var messages = letters.Where(x => DeadLetterQueue.IsKey(x.Key)).ToArray();
        var activities = trace is null ? [] : Array.ConvertAll(messages, trace.StartMessage);
        try
        {
            var replayed = await queue.RequeueAsync([.. messages.Select((x, i) =>
                (x, RecordReading.Replayed(x, activities.ElementAtOrDefault(i)?.Id)))], cancellationToken).ConfigureAwait(false);
            trace?.Replayed(replayed);
            return replayed;
        }
        finally
        {
            foreach (var activity in activities)
                activity?.Dispose();
        }
    }

    static async Task<int> PurgeAsync(DeadLetterQueue queue, IReadOnlyList<RedisDeadLetter> letters, CancellationToken cancellationToken) =>
        await queue.Queue.RemoveAsync([.. letters.Select(x => x.Key)], cancellationToken).ConfigureAwait(false);

    /// <exception cref="ArgumentException">The filter's group is none that a queue can have.</exception>
    static void RequireGroup(RedisDeadLetterFilter? filter)
    {
        if (filter?.Group is { } group)
            FailureFingerprint.RequireId(group, nameof(filter));
    }

    static bool IsWithin(WaitingMessage message, long bound) =>
        !MessageKey.TryParse(Encoding.UTF8.GetBytes(message.Key), out var key) || key.Place <= bound;
}
