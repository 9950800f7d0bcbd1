using System.Globalization;
using System.Text;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>
/// A dead-letter queue and the queue that its messages came from, if that is the same one for all of them. In a queue with a custom name,
/// which several endpoints may share, each message names its own.
/// </summary>
internal sealed record DeadLetterQueue(QueueEngine Engine, MessageQueue Queue, string? Original)
{
    /// <summary>How many dead letters one request of a user reads.</summary>
    public const int MaxRead = 10_000;

    /// <summary>How many it passes over on the server, where most are not read.</summary>
    public const int MaxPassed = 100_000;

    /// <summary>More than any queue holds.</summary>
    const long MaxLooked = 1L << 53;

    /// <summary>How long it reads.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(2);

    public RedisDeadLetter Read(WaitingMessage message) => RecordReading.DeadLetter(Queue.Name, Original, message);

    /// <summary>
    /// Reads the messages after the given one among which are all that meet a filter, as few as the server can tell: those of its group in
    /// which its text was found.
    /// </summary>
    public Task<WaitingPage> PageAsync(RedisDeadLetterFilter? filter, string? score, string? key, int limit,
        CancellationToken cancellationToken) =>
        filter?.Needle is { } needle
            ? Queue.FindAsync(score, key, limit, needle, filter.Group, cancellationToken)
            : Queue.PageAsync(score, key, limit, filter?.Group, cancellationToken);

    /// <summary>How many pages one request of a user reads, so that a filter without matches returns soon.</summary>
    public static int MaxPages(RedisDeadLetterFilter? filter) => filter switch
    {
        { Needle: not null } => MaxPassed / MessageQueue.MaxSearched,
        { Group: not null } => MaxPassed / MessageQueue.MaxLooks,
        _ => MaxRead / RedisDeadLetters.Step,
    };

    /// <exception cref="ArgumentException">The name is not that of a queue, or not that of a dead-letter queue.</exception>
    /// <exception cref="RedisTransportException">Neither the queue nor its original exists.</exception>
    public static async Task<DeadLetterQueue> FindAsync(EngineHost host, ConsumedQueues consumed, string name,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        var engine = host.Current;
        var queue = engine.Inspect(name);
        string[] sources =
        [
            .. (await engine.ListDeadLettersAsync(cancellationToken).ConfigureAwait(false))[name]
                .Union(consumed.All.Where(x => x.Errors == name || x.Skipped == name).Select(x => x.Queue), StringComparer.Ordinal),
        ];
        var original = QueueName.OriginalOf(name) ?? (sources is [var only] ? only : null);
        if (original is null && sources.Length == 0)
        {
            throw new ArgumentException($"'{name}' is no dead-letter queue: give '{name}{QueueName.ErrorSuffix}' or "
                + $"'{name}{QueueName.SkippedSuffix}', or an error queue with a name of its own to which a message was "
                + "moved.", nameof(name));
        }

        // A queue whose messages have never failed has no dead-letter queue yet. It counts as empty, not as unknown.
        if (!(await queue.CountAsync(cancellationToken).ConfigureAwait(false)).Exists)
        {
            var known = await Task.WhenAll((original is null ? sources : [original])
                .Select(x => engine.CountAsync(x, cancellationToken))).ConfigureAwait(false);
            if (!Array.Exists(known, x => x.Exists))
                throw RedisQueues.Unknown(name);
        }

        return new DeadLetterQueue(engine, queue, original);
    }

    /// <summary>
    /// Moves messages back to their queues and returns their number. If one script can use both queues, it is one atomic step. Otherwise
    /// the messages are stored in the target, only once even if this is repeated within an hour, and then removed here.
    /// </summary>
    /// <exception cref="RedisTransportException">A message does not name its original queue.</exception>
    public async Task<int> RequeueAsync(IReadOnlyList<(RedisDeadLetter Letter, ReadOnlyMemory<byte> Record)> messages,
        CancellationToken cancellationToken)
    {
        var moved = 0;
        foreach (var group in messages.GroupBy(x => x.Letter.OriginalQueue, StringComparer.Ordinal))
        {
            if (group.Key.Length == 0)
            {
                throw new RedisTransportException($"Message {group.First().Letter.Key} in '{Queue.Name}' does not say which queue it came "
                    + "from, so that it cannot be put back. Others may: replay them by key or filter; send this one yourself, then purge "
                    + "it.");
            }

            var original = Engine.Inspect(group.Key);
            moved += await MoveBackAsync(original, [.. group], cancellationToken).ConfigureAwait(false);
        }

        return moved;
    }

    async Task<int> MoveBackAsync(MessageQueue original, (RedisDeadLetter Letter, ReadOnlyMemory<byte> Record)[] messages,
        CancellationToken cancellationToken)
    {
        if (Queue.Reaches(original))
        {
            try
            {
                return await Queue.RequeueAsync(original, [.. messages.Select(x => KeyValuePair.Create(x.Letter.Key, x.Record))],
                    cancellationToken).ConfigureAwait(false);
            }
            catch (RedisTransportException exception) when (DeadLetterMove.IsCrossSlot(exception) && original.Name.Tag != Queue.Name.Tag)
            {
                // A proxy in front of a cluster has refused the single step. Two steps are used then, as on a cluster.
            }
        }

        await Task.WhenAll(messages.Select(x =>
        {
            _ = MessageKey.TryParse(Encoding.UTF8.GetBytes(x.Letter.Key), out var key);
            return original.SendAsync(new OutgoingMessage(x.Record, key.Priority, DedupeId: $"{Queue.Name}:{x.Letter.Key}",
                DedupeWindow: DeadLetterMove.Window, MessageCount: key.MessageCount),
                cancellationToken: cancellationToken);
        })).ConfigureAwait(false);
        return await Queue.RemoveAsync([.. messages.Select(x => x.Letter.Key)], cancellationToken).ConfigureAwait(false);
    }

    /// <param name="score">The score of the last message that was looked at.</param>
    /// <param name="key">Its key.</param>
    /// <param name="looked">How many messages were looked at so far.</param>
    public static string Cursor(string score, string key, long looked) =>
        string.Create(CultureInfo.InvariantCulture, $"{score}@{looked}/{key}");

    /// <exception cref="ArgumentException">The text is not a valid cursor.</exception>
    public static (string? Score, string? Key, long Looked) ParseCursor(string? cursor)
    {
        if (cursor is null)
            return default;
        var slash = cursor.IndexOf('/', StringComparison.Ordinal);
        var place = cursor[..Math.Max(0, slash)];
        var at = place.IndexOf('@', StringComparison.Ordinal) is >= 0 and var found ? found : place.Length;
        long looked = 0;
        var isPlace = double.TryParse(place.AsSpan(0, at), NumberStyles.Float, CultureInfo.InvariantCulture, out var score)
            && double.IsFinite(score);
        var isCounted = at == place.Length
            || (long.TryParse(place.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out looked) && looked <= MaxLooked);
        if (!isPlace || !isCounted)
        {
            throw new ArgumentException(
                $"'{cursor}' marks no place in a queue: give what Next of the page before said, or nothing to begin.", nameof(cursor));
        }

        return (place[..at], cursor[(slash + 1)..], looked);
    }

    /// <summary>Returns the keys without duplicates.</summary>
    /// <exception cref="ArgumentException">One of them is not a valid key.</exception>
    public static string[] RequireKeys(IReadOnlyCollection<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (var key in keys)
        {
            if (!IsKey(key))
                throw new ArgumentException(
                    $"'{key}' is no key of a message: give the {MessageKey.Length} characters that ListAsync shows as Key.", nameof(keys));
        }

        return [.. keys.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>False for a member of the queue that no script of the transport has written.</summary>
    public static bool IsKey(string? key) => key?.Length == MessageKey.Length && MessageKey.TryParse(Encoding.UTF8.GetBytes(key), out _);
}
