using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

internal sealed partial class MessageQueue
{
    /// <summary>How many operations of a queue are listed.</summary>
    const int MaxOperations = 100;

    /// <summary>
    /// Starts an operation. Returns <c>null</c>, or the id of the one that has not ended and is not <paramref name="gone"/>.
    /// </summary>
    /// <param name="id">Its id.</param>
    /// <param name="total">
    /// What its total is: <c>all</c>, <c>group:</c> and a failure group, a number, or empty if it is not known.
    /// </param>
    /// <param name="fields">Its fields.</param>
    /// <param name="gone">An operation that was found to exist no more.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<string?> StartAsync(string id, string total, IReadOnlyCollection<KeyValuePair<string, string>> fields, string? gone,
        CancellationToken cancellationToken)
    {
        RedisValue[] values =
        [
            id, total, gone ?? "", MaxOperations, .. fields.SelectMany(x => new RedisValue[] { x.Key, x.Value }),
        ];
        var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Start, [.. Keys.All, Keys.Operation(id), Keys.Operations], values,
            cancellationToken).ConfigureAwait(false)).Result!;
        return (int)reply[0] == 1 ? null : (string)reply[1]!;
    }

    /// <summary>Owns an operation, or keeps owning it, and may say what became of it.</summary>
    /// <param name="id">The operation.</param>
    /// <param name="owner">The process.</param>
    /// <param name="state">The new state; <c>null</c>: as before.</param>
    /// <param name="because">Why.</param>
    /// <param name="look">How long the operation looks at its canary from now on.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<OwnedOperation> OwnAsync(string id, OperationOwner owner, string? state = null, string? because = null,
        TimeSpan? look = null, CancellationToken cancellationToken = default)
    {
        RedisValue[] values =
        [
            owner.Token, Milliseconds(owner.Lease), owner.Name, state ?? "", because ?? "", look is { } time ? Milliseconds(time) : "",
            .. StoredOperation.Fields,
        ];
        var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Own, [.. Keys.All, Keys.Operation(id)], values, cancellationToken)
            .ConfigureAwait(false)).Result!;
        return new OwnedOperation((int)reply[0] == 1, (long)reply[1], StoredOperation.Read((RedisValue[])reply[2]!));
    }

    /// <summary>Reads an operation; <c>null</c> if there is none of that id.</summary>
    public async Task<StoredOperation?> FindOperationAsync(string id, CancellationToken cancellationToken = default) =>
        StoredOperation.Read(await CallRetry.RunAsync("read", id, async _ =>
            await Connection.UseAsync(database => database.HashGetAsync(Keys.Operation(id), StoredOperation.Fields), cancellationToken)
                .ConfigureAwait(false),
            Deadline.After(_timeout), cancellationToken).ConfigureAwait(false));

    /// <summary>Lists the ids of the operations, the newest first, and the one that has not ended.</summary>
    public async Task<(string[] Ids, string? Running)> ListOperationsAsync(CancellationToken cancellationToken = default)
    {
        return await CallRetry.RunAsync("list", Name.Value, async _ => await Connection.UseAsync(ReadAsync, cancellationToken)
            .ConfigureAwait(false), Deadline.After(_timeout), cancellationToken).ConfigureAwait(false);

        async Task<(string[], string?)> ReadAsync(IDatabase database)
        {
            var ids = database.SortedSetRangeByRankAsync(Keys.Operations, order: Order.Descending);
            var running = await database.HashGetAsync(Keys.Meta, "operation").ConfigureAwait(false);
            return ([.. (await ids.ConfigureAwait(false)).Select(x => x.ToString())], running.HasValue ? running.ToString() : null);
        }
    }

    /// <summary>Pauses, resumes or cancels an operation, or changes its rate. Returns false if it has ended or does not exist.</summary>
    public async Task<bool> OrderAsync(string id, string order, string value, CancellationToken cancellationToken) =>
        (int)(await RunAsync(ScriptCatalog.Order, [.. Keys.All, Keys.Operation(id)], [order, value], cancellationToken)
            .ConfigureAwait(false)).Result == 1;

    /// <summary>Moves messages as a step of an operation, or a part of one. Returns how many were moved, or why none was.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<int> RequeueStepAsync(MessageQueue target, IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> messages,
        OperationStep step, CancellationToken cancellationToken)
    {
        RequireSameTag(target);
        var reply = await RequeueAsync(target, messages, 0, messages.Count, step, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        if ((int)reply.Result > 0)
            target.Remember(created: false);
        return (int)reply.Result;
    }

    /// <summary>
    /// Moves one message with a new record, and perhaps a new priority, and keeps the record that it had in the trash. Returns false if it
    /// waits no more.
    /// </summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<bool> ReplaceAsync(MessageQueue target, string key, ReadOnlyMemory<byte> record, byte? priority, TimeSpan keep,
        CancellationToken cancellationToken)
    {
        RequireSameTag(target);
        var reply = await RequeueAsync(target, [KeyValuePair.Create(key, record)], 0, 1, OperationStep.None with { Priority = priority },
            keep, cancellationToken).ConfigureAwait(false);
        var moved = reply.Repeated || (int)reply.Result > 0;
        if (moved)
            target.Remember(created: false);
        return moved;
    }

    Task<ScriptReply> RequeueAsync(MessageQueue target, IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> messages, int first,
        int count, OperationStep step, TimeSpan keep, CancellationToken cancellationToken)
    {
        var values = new RedisValue[10 + 2 * count];
        values[0] = target.Keys.WakeChannelName;
        values[1] = step.Token;
        values[2] = step.Number;
        values[3] = step.Score;
        values[4] = step.Key;
        values[5] = step.Looked;
        values[6] = step.Missing;
        values[7] = step.MaxReady is { } most ? most : "";
        values[8] = Milliseconds(keep);
        values[9] = step.Priority is { } priority ? (int)priority : "";
        for (var i = 0; i < count; i++)
        {
            values[10 + 2 * i] = messages[first + i].Key;
            values[11 + 2 * i] = messages[first + i].Value;
        }

        return RunAsync(ScriptCatalog.Requeue,
            [.. Keys.All, .. target.Keys.All, Keys.Operation(step.Id), Keys.Trash, Keys.TrashTimes], values, cancellationToken);
    }
}
