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
/// <param name="Looked">How many messages of its page were looked at up to this one.</param>
internal sealed record WaitingMessage(string Key, string Score, ReadOnlyMemory<byte>? Record, long Looked = 0);

/// <summary>A page of the messages of a queue.</summary>
/// <param name="Messages">In the order of their delivery.</param>
/// <param name="HighestPlace">
/// The highest place in use. Messages that were in the queue at the time of reading have no higher one, and later messages have.
/// </param>
/// <param name="HasMore">True if there is at least one further message.</param>
/// <param name="ServerTime">The server's clock.</param>
/// <param name="LastScore">The score of the last message that was looked at, which may be none of the page.</param>
/// <param name="LastKey">Its key. With the score it is where the next page begins.</param>
/// <param name="Looked">How many messages were looked at.</param>
/// <param name="Waiting">How many messages are waiting.</param>
internal sealed record WaitingPage(WaitingMessage[] Messages, long HighestPlace, bool HasMore, DateTimeOffset ServerTime,
    string LastScore, string LastKey, long Looked, long Waiting);

/// <summary>A text that is looked for in records.</summary>
/// <param name="Text">The text.</param>
/// <param name="Types">The <see cref="Records.HeaderValue.TypesWith"/> it.</param>
/// <param name="Parts">Parts of the forms in which it may be written, of which one stands wherever the text does.</param>
internal sealed record Needle(string Text, string Types, IReadOnlyList<ReadOnlyMemory<byte>> Parts);

/// <summary>The newest messages of a queue.</summary>
/// <param name="Place">The highest place in use, as <see cref="WaitingPage.HighestPlace"/>.</param>
/// <param name="Count">How many have come after the place that was asked for, and still wait.</param>
/// <param name="Keys">The keys of some of them, the newest first.</param>
internal sealed record NewestMessages(long Place, long Count, string[] Keys);

internal sealed partial class MessageQueue
{
    /// <summary>How many messages one call looks at for those of a failure group. It takes about 3 ms.</summary>
    public const int MaxLooks = 1_000;

    /// <summary>How many records one call searches for a text. It takes 1 to 2 ms.</summary>
    public const int MaxSearched = 500;

    /// <summary>How many bytes of records one call searches.</summary>
    const int MaxSearchedBytes = 4 * 1024 * 1024;

    /// <summary>The processor's time after which a search ends, also on a slow server.</summary>
    static readonly TimeSpan MaxSearchTime = TimeSpan.FromMilliseconds(4);

    /// <summary>A longer record is not searched, because the server would copy it at once. It is read in parts.</summary>
    const int LongRecord = 256 * 1024;

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
        return Page(reply, await WaitingAsync(reply[2], reply[9], reply[10], cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Reads the waiting messages after the given one that may hold a text, as <see cref="PageAsync"/> does. The server searches their
    /// records for the text, and this reads those in which it was found.
    /// </summary>
    /// <param name="afterScore">The score of the last message that was looked at; <c>null</c>: from the first.</param>
    /// <param name="afterKey">Its key.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="needle">The text.</param>
    /// <param name="group">Only those of this failure group; <c>null</c>: all.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<WaitingPage> FindAsync(string? afterScore, string? afterKey, int limit, Needle needle, string? group = null,
        CancellationToken cancellationToken = default)
    {
        RedisValue[] values =
        [
            afterScore ?? "-inf", afterKey ?? "", Math.Clamp(limit, 1, MaxPage), MaxLooks, MaxSearched, MaxSearchedBytes,
            (long)MaxSearchTime.TotalMicroseconds, LongRecord, group ?? "", needle.Types, needle.Text,
            .. needle.Parts.Select(x => (RedisValue)x),
        ];
        var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Find, Keys.All, values, cancellationToken).ConfigureAwait(false)).Result!;
        var keys = (RedisValue[])reply[2]!;
        var found = new List<WaitingMessage>(keys.Length);
        await foreach (var messages in ReadMembersAsync(keys, cancellationToken).ConfigureAwait(false))
            found.AddRange(messages);
        return Page(reply, [.. found]);
    }

    /// <summary>Adds to messages what page.lua and find.lua say alike.</summary>
    static WaitingPage Page(RedisResult[] reply, WaitingMessage[] messages)
    {
        var looked = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (key, count) in ((RedisValue[])reply[2]!).Zip((long[])reply[3]!))
            looked[key.ToString()] = count;
        return new WaitingPage([.. messages.Select(x => x with { Looked = looked[x.Key] })], (long)reply[0], (int)reply[1] == 1,
            MessageKey.TimeOf((long)reply[4]), (string)reply[5]!, (string)reply[6]!, (long)reply[7], (long)reply[8]);
    }

    /// <summary>Finds the newest waiting messages that came after a place.</summary>
    /// <param name="since">The place; <c>null</c>: only the highest place is asked for.</param>
    /// <param name="limit">How many keys at most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<NewestMessages> FindNewestAsync(long? since, int limit, CancellationToken cancellationToken = default)
    {
        var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Newest, Keys.All,
            [since?.ToString(CultureInfo.InvariantCulture) ?? "", Math.Clamp(limit, 1, MaxPage)], cancellationToken)
                .ConfigureAwait(false)).Result!;
        return new NewestMessages((long)reply[0], (long)reply[1], [.. ((RedisValue[])reply[2]!).Select(x => x.ToString())]);
    }

    /// <summary>Reads the given messages if they are waiting, in bounded steps.</summary>
    public IAsyncEnumerable<WaitingMessage[]> ReadAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken = default) =>
        ReadMembersAsync([.. keys.Select(x => (RedisValue)x)], cancellationToken);

    async IAsyncEnumerable<WaitingMessage[]> ReadMembersAsync(RedisValue[] keys,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var first = 0; first < keys.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (looked, messages) = await ReadFirstAsync(keys.AsMemory(first), cancellationToken).ConfigureAwait(false);
            first += looked;
            yield return messages;
        }
    }

    /// <summary>
    /// Reads the first of the given messages, as many as fit into one reply. Returns how many keys were looked at, and those of the
    /// messages that are waiting.
    /// </summary>
    public Task<(int Looked, WaitingMessage[] Messages)> ReadFirstAsync(IEnumerable<string> keys,
        CancellationToken cancellationToken = default) =>
        ReadFirstAsync(keys.Take(MaxBatch).Select(x => (RedisValue)x).ToArray(), cancellationToken);

    async Task<(int Looked, WaitingMessage[] Messages)> ReadFirstAsync(ReadOnlyMemory<RedisValue> keys, CancellationToken cancellationToken)
    {
        RedisValue[] values = [ReplyBudget.Most, .. keys.Span[..Math.Min(MaxBatch, keys.Length)]];
        var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Read, Keys.All, values, cancellationToken)
            .ConfigureAwait(false)).Result!;
        return ((int)reply[0], await WaitingAsync(reply[1], reply[2], reply[3], cancellationToken).ConfigureAwait(false));
    }

    async Task<WaitingMessage[]> WaitingAsync(RedisResult members, RedisResult ranks, RedisResult bytes,
        CancellationToken cancellationToken)
    {
        var keys = (RedisValue[])members!;
        var scores = (RedisValue[])ranks!;
        var records = (RedisResult[])bytes!;
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
