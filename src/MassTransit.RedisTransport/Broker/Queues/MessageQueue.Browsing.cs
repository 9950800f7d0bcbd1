using System.Globalization;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>A waiting message and its position in the queue.</summary>
/// <param name="Key">Its key, which requeue and remove take.</param>
/// <param name="Score">Its rank as the server returns it. Together with the key it is a position in the queue.</param>
/// <param name="Record">Its record; <c>null</c> if the record is missing.</param>
internal sealed record WaitingMessage(string Key, string Score, ReadOnlyMemory<byte>? Record);

/// <summary>A page of the messages of a queue.</summary>
/// <param name="Messages">In the order of their delivery.</param>
/// <param name="HighestPlace">
/// The highest place in use. Messages that were in the queue at the time of reading have no higher one, and later messages have.
/// </param>
/// <param name="HasMore">True if there is at least one further message.</param>
/// <param name="ServerTime">The server's clock.</param>
/// <param name="LastScore">The score of the last message that was looked at, which may be of another failure group.</param>
/// <param name="LastKey">Its key. With the score it is where the next page begins.</param>
internal sealed record WaitingPage(WaitingMessage[] Messages, long HighestPlace, bool HasMore, DateTimeOffset ServerTime,
    string LastScore, string LastKey);

internal sealed partial class MessageQueue
{
    /// <summary>How many messages one call looks at for those of a failure group. It takes about 3 ms.</summary>
    public const int MaxLooks = 1_000;

    /// <summary>The last moment that a client can represent, by the server's clock.</summary>
    static readonly double LastMoment = (DateTimeOffset.MaxValue - MessageKey.Epoch).TotalMilliseconds - 1;

    /// <summary>Reads messages without leasing them, in the order of their delivery, due time or lease end.</summary>
    public async Task<IReadOnlyList<StoredMessage>> PeekAsync(MessageState state, int offset, int limit,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        limit = Math.Clamp(limit, 1, MaxPage);
        var messages = new List<StoredMessage>();
        for (var more = true; more && messages.Count < limit;)
        {
            var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Peek, Keys.All,
                [(int)state, offset + messages.Count, limit - messages.Count, ReplyBudget.Most], cancellationToken)
                    .ConfigureAwait(false)).Result!;
            more = (int)reply[1] == 1;
            var members = (RedisResult[])reply[2]!;
            var scores = (RedisResult[])reply[3]!;
            var records = (RedisResult[])reply[4]!;
            var counts = (RedisResult[])reply[5]!;
            for (var i = 0; i < members.Length; i++)
            {
                var key = members[i].ToString();
                key = key[..Math.Min(MessageKey.Length, key.Length)];
                var record = await RecordAsync(records[i], key, cancellationToken).ConfigureAwait(false);
                messages.Add(new StoredMessage(key, record, Score(scores[i], state), DeliveryCount(counts[i])));
            }
        }

        return messages;
    }

    /// <summary>How often a message has failed. A count that cannot be read counts as 0.</summary>
    internal static int DeliveryCount(RedisResult count) =>
        int.TryParse((string?)count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>
    /// Parses a score. A time outside the valid range, which only other programs write, is replaced by the nearest valid one.
    /// </summary>
    static double Score(RedisResult score, MessageState state)
    {
        var text = (string?)score;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || double.IsNaN(number))
            number = text is ['-', ..] ? double.NegativeInfinity : double.PositiveInfinity;
        return state == MessageState.Ready ? number : Math.Clamp(number, 0, LastMoment);
    }

    /// <summary>Returns a record as it is, or reads it in parts if it is too long for one reply.</summary>
    async ValueTask<ReadOnlyMemory<byte>?> RecordAsync(RedisResult record, string key, CancellationToken cancellationToken)
    {
        if (record.Resp2Type != ResultType.Integer)
            return record.IsNull ? (ReadOnlyMemory<byte>?)null : (byte[])record!;

        byte[]? whole = null;
        for (var offset = 0; whole is null || offset < whole.Length;)
        {
            var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Fetch, Keys.All, [ReplyBudget.Most, offset, key], cancellationToken)
                .ConfigureAwait(false)).Result!;
            var length = (int)reply[0];
            // The record was removed or changed meanwhile.
            if (length < 0 || (whole is not null && whole.Length != length))
                return null;

            var part = (byte[])reply[1]!;
            whole ??= new byte[length];
            part.CopyTo(whole, offset);
            offset += part.Length;
        }

        return whole;
    }

    /// <summary>Reads waiting messages after the given one. None is missed or repeated if others are removed or added meanwhile.</summary>
    /// <param name="afterScore">The score of the last message that was looked at; <c>null</c>: from the first.</param>
    /// <param name="afterKey">Its key.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="group">Only those of this failure group, looking at up to <see cref="MaxLooks"/>; <c>null</c>: all.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<WaitingPage> PageAsync(string? afterScore, string? afterKey, int limit, string? group = null,
        CancellationToken cancellationToken = default)
    {
        var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Page, Keys.All,
            [afterScore ?? "-inf", afterKey ?? "", Math.Clamp(limit, 1, MaxPage), ReplyBudget.Most, group ?? "", MaxLooks],
            cancellationToken).ConfigureAwait(false)).Result!;
        return new WaitingPage(await WaitingAsync(reply, 2, cancellationToken).ConfigureAwait(false), (long)reply[0], (int)reply[1] == 1,
            MessageKey.TimeOf((long)reply[5]), (string)reply[6]!, (string)reply[7]!);
    }

    /// <summary>Reads the given messages if they are waiting, in bounded steps.</summary>
    public async IAsyncEnumerable<WaitingMessage[]> ReadAsync(IReadOnlyList<string> keys,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var first = 0; first < keys.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = new RedisValue[1 + Math.Min(MaxBatch, keys.Count - first)];
            values[0] = ReplyBudget.Most;
            for (var i = 1; i < values.Length; i++)
                values[i] = keys[first + i - 1];
            var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Read, Keys.All, values, cancellationToken)
                .ConfigureAwait(false)).Result!;
            first += (int)reply[0];
            yield return await WaitingAsync(reply, 1, cancellationToken).ConfigureAwait(false);
        }
    }

    async Task<WaitingMessage[]> WaitingAsync(RedisResult[] reply, int at, CancellationToken cancellationToken)
    {
        var keys = (RedisValue[])reply[at]!;
        var scores = (RedisValue[])reply[at + 1]!;
        var records = (RedisResult[])reply[at + 2]!;
        var messages = new WaitingMessage[keys.Length];
        for (var i = 0; i < messages.Length; i++)
        {
            var key = keys[i].ToString();
            messages[i] =
                new WaitingMessage(key, scores[i].ToString(), await RecordAsync(records[i], key, cancellationToken).ConfigureAwait(false));
        }

        return messages;
    }
}
