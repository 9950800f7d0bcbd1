using System.Diagnostics;
using System.Text;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Inspection;

namespace MassTransit.RedisTransport.Operations;

/// <summary>What the next step of an operation is about.</summary>
/// <param name="Letters">The dead letters that are meant.</param>
/// <param name="Score">Where the step ends: the score of the last message looked at; empty if none was.</param>
/// <param name="Key">The key of that message.</param>
/// <param name="Looked">How many messages were looked at.</param>
/// <param name="Missing">How many of them were gone.</param>
/// <param name="IsLast">True if nothing is left after it.</param>
internal sealed record OperationPart(IReadOnlyList<RedisDeadLetter> Letters, string Score, string Key, long Looked, long Missing,
    bool IsLast);

/// <summary>Reads the dead letters of an operation in steps and hands each step to the script that does it.</summary>
internal sealed class OperationSource(DeadLetterQueue found, string id)
{
    /// <summary>How many records one step moves at most. It takes the server a few ms.</summary>
    const int Step = 250;

    /// <summary>How long one step looks for dead letters that match.</summary>
    static readonly TimeSpan MaxSearch = TimeSpan.FromMilliseconds(250);

    RedisSelection? _selection;

    /// <summary>The queue that the last step has moved messages to, or would have.</summary>
    public string LastTarget { get; private set; } = "";

    /// <summary>How many records the next step moves at most: a quarter of a second's worth.</summary>
    public static int MostOf(long? rate, long? canary) =>
        (int)Math.Clamp(Math.Min(rate is > 0 ? rate.Value / 4 : Step, canary ?? Step), 1, Step);

    public async Task<OperationPart> ReadAsync(StoredOperation operation, int most, CancellationToken cancellationToken)
    {
        _selection ??= SelectionText.Read(operation["selection"]);
        return _selection.Keys is { } keys
            ? await ReadKeysAsync(operation, keys, most, cancellationToken).ConfigureAwait(false)
            : await ReadPageAsync(operation, _selection.Filter, most, cancellationToken).ConfigureAwait(false);
    }

    async Task<OperationPart> ReadKeysAsync(StoredOperation operation, IReadOnlyList<string> keys, int most,
        CancellationToken cancellationToken)
    {
        var first = (int)Math.Clamp(operation.Number("score") ?? 0, 0, keys.Count);
        string[] wanted = [.. keys.Skip(first).Take(most)];
        var letters = new List<RedisDeadLetter>();
        await foreach (var messages in found.Queue.ReadAsync(wanted, cancellationToken).ConfigureAwait(false))
            letters.AddRange(messages.Select(found.Read));
        var read = letters.Select(x => x.Key).ToHashSet(StringComparer.Ordinal);
        return new OperationPart(letters, $"{first + wanted.Length}", "", wanted.Sum(MessageKey.MessageCountOf),
            wanted.Where(x => !read.Contains(x)).Sum(MessageKey.MessageCountOf), first + wanted.Length == keys.Count);
    }

    async Task<OperationPart> ReadPageAsync(StoredOperation operation, RedisDeadLetterFilter? filter, int most,
        CancellationToken cancellationToken)
    {
        var started = MessageKey.TimeOf(operation.Started);
        var isGroup = filter is not null && IsGroupAlone(filter);
        var letters = new List<RedisDeadLetter>();
        var (score, last) = (operation.Text("score"), operation.Text("key"));
        long looked = 0;
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var page = await found.PageAsync(filter, score, last, filter is null || isGroup ? most : Step, cancellationToken)
                .ConfigureAwait(false);
            var before = looked;
            foreach (var message in page.Messages)
            {
                if (letters.Count == most)
                    return new OperationPart(letters, score ?? "", last ?? "", looked, 0, IsLast: false);

                // Of a group the number of messages is known, so that those of others do not count.
                looked = isGroup ? looked + MessageKey.MessageCountOf(message.Key) : before + message.Looked;
                (score, last) = (message.Score, message.Key);
                // Messages that came later, and members that no script has written, are not meant.
                if (!MessageKey.TryParse(Encoding.UTF8.GetBytes(message.Key), out var key) || key.Place > operation.Bound)
                    continue;
                var letter = found.Read(message);
                if (filter.Matches(letter, started))
                    letters.Add(letter);
            }

            (score, last) = (page.LastScore == "-inf" ? "" : page.LastScore, page.LastKey);
            looked = isGroup ? looked : before + page.Looked;
            // What does not match needs no step of its own, but each step is a sign of life.
            if (!page.HasMore || letters.Count > 0 || Stopwatch.GetElapsedTime(began) > MaxSearch)
                return new OperationPart(letters, score, last, looked, 0, !page.HasMore);
        }
    }

    /// <summary>Moves the letters back. If they came from several queues, the step has as many parts, and ends with the last.</summary>
    /// <returns>How many messages were moved, or a <see cref="StepOutcome"/>.</returns>
    public async Task<int> ReplayAsync(StoredOperation operation, OperationPart part, string token, CancellationToken cancellationToken)
    {
        var step = operation.Step + 1;
        var moved = 0;
        var groups = part.Letters.GroupBy(x => x.OriginalQueue, StringComparer.Ordinal).ToArray();
        var lost = groups.Where(x => x.Key.Length == 0).Sum(x => x.Sum(y => (long)MessageKey.MessageCountOf(y.Key)));
        groups = [.. groups.Where(x => x.Key.Length > 0)];
        for (var i = 0; i < Math.Max(1, groups.Length); i++)
        {
            var isEnd = i >= groups.Length - 1;
            var target = i < groups.Length ? found.Engine.Inspect(groups[i].Key) : found.Queue;
            LastTarget = target.Name.Value;
            KeyValuePair<string, ReadOnlyMemory<byte>>[] records = i < groups.Length
                ? [.. groups[i].Select(x => KeyValuePair.Create(x.Key, RecordReading.Replayed(x, operation: id)))] : [];
            var arguments = new OperationStep(id, token, step++, isEnd ? part.Score : "", part.Key, isEnd ? part.Looked : 0,
                isEnd ? part.Missing + lost : 0, operation.Number("most"));
            var outcome = await MoveAsync(target, records, arguments, cancellationToken).ConfigureAwait(false);
            if (outcome == StepOutcome.DoneBefore)
                continue;
            if (outcome < 0)
                return outcome;
            moved += outcome;
        }

        return moved;
    }

    async Task<int> MoveAsync(MessageQueue target, KeyValuePair<string, ReadOnlyMemory<byte>>[] records, OperationStep step,
        CancellationToken cancellationToken)
    {
        if (found.Queue.Reaches(target))
        {
            try
            {
                return await found.Queue.RequeueStepAsync(target, records, step, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisTransportException exception)
                when (DeadLetterMove.IsCrossSlot(exception) && target.Name.Tag != found.Queue.Name.Tag)
            {
                // A proxy in front of a cluster has refused the single step. Two steps are used then, as on a cluster.
            }
        }

        if (step.MaxReady is { } most && (await target.CountAsync(cancellationToken).ConfigureAwait(false)).Ready > most)
            return StepOutcome.TooManyReady;
        await Task.WhenAll(records.Select(x =>
        {
            _ = MessageKey.TryParse(Encoding.UTF8.GetBytes(x.Key), out var key);
            return target.SendAsync(new OutgoingMessage(x.Value, key.Priority, DedupeId: $"{found.Queue.Name}:{x.Key}",
                DedupeWindow: DeadLetterMove.Window, MessageCount: key.MessageCount), cancellationToken: cancellationToken);
        })).ConfigureAwait(false);
        return await DiscardAsync([.. records.Select(x => x.Key)], step, toTrash: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes the letters. A step with much to keep has several parts.</summary>
    /// <returns>How many messages were deleted, or a <see cref="StepOutcome"/>.</returns>
    public Task<int> PurgeAsync(StoredOperation operation, OperationPart part, string token, bool toTrash,
        CancellationToken cancellationToken) =>
        DiscardAsync([.. part.Letters.Select(x => x.Key)],
            new OperationStep(id, token, operation.Step + 1, part.Score, part.Key, part.Looked, part.Missing, null), toTrash,
            cancellationToken);

    async Task<int> DiscardAsync(string[] keys, OperationStep step, bool toTrash, CancellationToken cancellationToken)
    {
        var deleted = 0;
        for (var first = 0; ; step = step with { Number = step.Number + 1 })
        {
            var result = await found.Queue.DiscardAsync(keys[first..], step, toTrash, cancellationToken).ConfigureAwait(false);
            if (result.Outcome < 0)
                return result.Outcome;
            deleted += result.Deleted;
            first += result.Looked;
            if (first >= keys.Length)
                return deleted;
        }
    }

    public static bool IsGroupAlone(RedisDeadLetterFilter filter) => filter is
    {
        ExceptionType: null, FaultMessage: null, MessageType: null, OlderThan: null, YoungerThan: null, Headers: null, Properties: null,
        Text: null,
    };
}
