using System.Globalization;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>A receiver as it is written down beside its queue.</summary>
/// <param name="Id">Its id, with which its lease tokens begin.</param>
/// <param name="LastBeat">When it was last heard of, by the server's clock.</param>
/// <param name="ServerTime">The server's clock at the reading.</param>
/// <param name="Said">What it says of itself; empty if that is missing.</param>
internal sealed record ReceiverEntry(string Id, DateTimeOffset LastBeat, DateTimeOffset ServerTime, ReadOnlyMemory<byte> Said);

/// <summary>
/// The register of a queue's receivers, and the figures of its last day. Receivers write both with one call every ten seconds. It works by
/// a queue's keys, so that an operator's list needs no queue objects.
/// </summary>
internal static class ReceiverBook
{
    /// <summary>How often a receiver says that it lives.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>After which silence it counts as dead. Three beats are missing then.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(30);

    /// <summary>After which silence it is forgotten.</summary>
    public static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(10);

    /// <summary>How long the history is.</summary>
    public static readonly TimeSpan Day = TimeSpan.FromHours(24);

    /// <summary>Writes down that a receiver lives. One attempt, because the next beat comes soon.</summary>
    /// <param name="caller">Runs the script.</param>
    /// <param name="queue">The keys of the queue, of its error queue and of its queue of skipped messages.</param>
    /// <param name="receiver">The receiver's id.</param>
    /// <param name="said">What it says of itself; empty if it leaves.</param>
    /// <param name="cancellationToken">Stops the waiting for a connection.</param>
    /// <exception cref="RedisTransportException">The server has refused, or does not answer (transient).</exception>
    public static Task BeatAsync(ScriptCaller caller, (QueueKeys Queue, QueueKeys Errors, QueueKeys Skipped) queue, string receiver,
        ReadOnlyMemory<byte> said, CancellationToken cancellationToken) =>
        caller.RunOnceAsync(ScriptCatalog.Beat,
            [
                .. queue.Queue.All, .. queue.Errors.All, .. queue.Skipped.All, queue.Queue.Receivers, queue.Queue.Beats,
                queue.Queue.History,
            ],
            [receiver, said, (long)ForgottenAfter.TotalMilliseconds], cancellationToken);

    /// <summary>Lists the receivers that were heard of in the last ten minutes, 1,000 at most.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer in time.</exception>
    public static async Task<ReceiverEntry[]> ListAsync(ScriptCaller caller, QueueKeys keys, Deadline deadline,
        CancellationToken cancellationToken)
    {
        var reply = (RedisResult[])(await caller.RunWithRetryAsync(ScriptCatalog.Receivers, [.. keys.All, keys.Receivers, keys.Beats],
            [(long)ForgottenAfter.TotalMilliseconds], deadline, cancellationToken).ConfigureAwait(false)).Result!;
        var now = MessageKey.TimeOf((long)reply[0]);
        var names = (RedisResult[])reply[1]!;
        var times = (RedisResult[])reply[2]!;
        var said = (RedisResult[])reply[3]!;
        return
        [
            .. names.Select((x, i) => new ReceiverEntry(x.ToString(),
                MessageKey.TimeOf(long.Parse((string)times[i]!, CultureInfo.InvariantCulture)), now,
                said[i].IsNull ? default : (byte[])said[i]!)),
        ];
    }

    /// <summary>Reads the figures of the last minutes, the oldest first. Minutes in which no receiver lived are missing.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer in time.</exception>
    public static async Task<(DateTimeOffset ServerTime, MinuteFigures[] Minutes)> HistoryAsync(ScriptCaller caller, QueueKeys keys,
        TimeSpan back, Deadline deadline, CancellationToken cancellationToken)
    {
        // The present hour has begun at any time, so one more is read.
        var hours = Math.Clamp((int)Math.Ceiling(back.TotalHours) + 1, 1, (int)Day.TotalHours + 1);
        var reply = (RedisResult[])(await caller.RunWithRetryAsync(ScriptCatalog.History, [.. keys.All, keys.History], [hours], deadline,
            cancellationToken).ConfigureAwait(false)).Result!;
        var now = (long)reply[0];
        var texts = ((RedisResult[])reply[1]!).Select(x => x.IsNull ? "" : (string)x!);
        var last = now / MinuteFigures.Milliseconds;
        var before = last - (long)Math.Ceiling(back.TotalMinutes);
        return (MessageKey.TimeOf(now),
            [.. texts.SelectMany(MinuteFigures.Read).Where(x => x.Minute > before && x.Minute <= last).OrderBy(x => x.Minute)]);
    }
}
