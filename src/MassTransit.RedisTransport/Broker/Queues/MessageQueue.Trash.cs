using System.Globalization;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>What a step of deleting has done.</summary>
/// <param name="Outcome">A <see cref="StepOutcome"/>, or 0 if it was done.</param>
/// <param name="Deleted">How many messages were deleted.</param>
/// <param name="Kept">How many of them are in the trash.</param>
/// <param name="Looked">How many keys were looked at. A step with much to keep stops early.</param>
internal readonly record struct DiscardResult(int Outcome, int Deleted, int Kept, int Looked);

/// <summary>A record in the trash.</summary>
/// <param name="Message">The message as it was.</param>
/// <param name="Time">When it was deleted, ms since 2024.</param>
internal sealed record TrashedMessage(WaitingMessage Message, long Time);

/// <summary>A part of the trash.</summary>
/// <param name="Records">How many records are in it.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Messages">The part, the newest first.</param>
internal sealed record TrashPage(long Records, long Bytes, TrashedMessage[] Messages);

internal sealed partial class MessageQueue
{
    /// <summary>How long a deleted dead letter can be restored.</summary>
    public static readonly TimeSpan TrashTime = TimeSpan.FromHours(24);

    /// <summary>How many records the trash of a queue holds, as in <c>Scripts/_trash.lua</c>.</summary>
    public const int TrashRecords = 100_000;

    /// <summary>How many bytes of records the trash of a queue holds, as in <c>Scripts/_trash.lua</c>.</summary>
    public const long TrashBytes = 256 * 1024 * 1024;

    /// <summary>Deletes up to 500 waiting messages, as a step of an operation or by themselves.</summary>
    /// <param name="keys">Their keys.</param>
    /// <param name="step">The step.</param>
    /// <param name="toTrash">Keep their records in the trash.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<DiscardResult> DiscardAsync(IReadOnlyCollection<string> keys, OperationStep step, bool toTrash,
        CancellationToken cancellationToken)
    {
        RedisValue[] values =
        [
            step.Token, step.Number, step.Score, step.Key, step.Looked, step.Missing, toTrash ? Milliseconds(TrashTime) : 0,
            .. keys.Select(x => (RedisValue)x),
        ];
        var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Discard,
            [.. Keys.All, Keys.Operation(step.Id), Keys.Trash, Keys.TrashTimes], values, cancellationToken).ConfigureAwait(false)).Result!;
        return reply.Length == 1
            ? new DiscardResult((int)reply[0], 0, 0, 0) : new DiscardResult(0, (int)reply[0], (int)reply[1], (int)reply[2]);
    }

    /// <summary>Reads the trash, the newest first. There may be more than fits into a reply.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public Task<TrashPage> ReadTrashAsync(int offset, int limit, CancellationToken cancellationToken = default) =>
        ReadTrashAsync([Milliseconds(TrashTime), ReplyBudget.Most, offset, limit], cancellationToken);

    /// <summary>Reads given records of the trash, as many of the first ones as fit into a reply.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public Task<TrashPage> ReadTrashAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default) =>
        ReadTrashAsync([Milliseconds(TrashTime), ReplyBudget.Most, 0, 1, .. keys.Select(x => (RedisValue)x)], cancellationToken);

    /// <summary>The part of its memory that the server uses; <c>null</c> if it has no limit, or does not tell.</summary>
    /// <exception cref="RedisTransportException">The server did not answer within the send timeout.</exception>
    public Task<double?> MemoryUsedAsync(CancellationToken cancellationToken = default) =>
        CallRetry.RunAsync("info", Name.Value, async _ => await Connection.UseAsync(
            database => ServerFacts.ReadMemoryUseAsync(database.Multiplexer), cancellationToken).ConfigureAwait(false),
            Deadline.After(_timeout), cancellationToken);

    /// <summary>Puts records of the trash back to their old places. Returns the number of messages.</summary>
    /// <param name="messages">Their keys, and what they are counted as; <c>null</c>: they are counted later.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<int> RestoreAsync(IReadOnlyCollection<(string Key, Failure? Failure)> messages, CancellationToken cancellationToken)
    {
        var reply = await RunAsync(ScriptCatalog.Restore, [.. Keys.All, Keys.Trash, Keys.TrashTimes],
            [
                Keys.WakeChannelName,
                .. messages.SelectMany(x => new RedisValue[]
                {
                    x.Key, x.Failure?.Fingerprint.Id ?? "", x.Failure?.Fingerprint.Title ?? "", x.Failure?.WasReplayed is true ? 1 : 0,
                }),
            ], cancellationToken).ConfigureAwait(false);
        Remember(created: false);
        return reply.Repeated ? messages.Sum(x => Records.MessageKey.MessageCountOf(x.Key)) : (int)reply.Result;
    }

    async Task<TrashPage> ReadTrashAsync(RedisValue[] values, CancellationToken cancellationToken)
    {
        var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Trash, [.. Keys.All, Keys.Trash, Keys.TrashTimes], values,
            cancellationToken).ConfigureAwait(false)).Result!;
        var keys = (RedisValue[])reply[2]!;
        var times = (RedisValue[])reply[3]!;
        var records = (RedisResult[])reply[4]!;
        return new TrashPage((long)reply[0], (long)reply[1], [.. keys.Select((x, i) => new TrashedMessage(
            // A record that is too long for the reply is shown without its bytes.
            new WaitingMessage(x.ToString(), "0",
                records[i].IsNull || records[i].Resp2Type == ResultType.Integer ? null : (byte[])records[i]!),
            long.TryParse(times[i].ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var time) ? time : 0))]);
    }
}
