using System.Text.Json;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Inspection;

internal sealed partial class RedisDeadLetters
{
    public async Task SetNoteAsync(string queue, string group, RedisFailureNote? note, RedisActor by,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(by);
        note?.Validate();
        _ = FailureFingerprint.RequireId(group ?? "", nameof(group));
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        var json = note is null ? null : JsonSerializer.Serialize(
            note with { By = by.User, At = TimeProvider.System.GetUtcNow() }, InspectionJson.Default.RedisFailureNote);
        await audit.RunAsync(AuditEntries.Of(RedisAuditActions.Note, queue, $"group {group}", by), async () =>
            await found.Queue.NoteAsync(group!, json, cancellationToken).ConfigureAwait(false)
                ? true : throw new RedisConflictException($"'{queue}' has no failure group '{group}' any more."),
            null, cancellationToken).ConfigureAwait(false);
    }

    public async Task<RedisEditOutcome> EditAndReplayAsync(string queue, string key, RedisEdit edit, RedisActor by,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edit);
        ArgumentNullException.ThrowIfNull(by);
        LetterEdit.Validate(edit);
        var keys = DeadLetterQueue.RequireKeys([key]);
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        if (await ReadAsync(found, keys, cancellationToken).ConfigureAwait(false) is not { } letter)
            return RedisEditOutcome.Gone;

        var record = LetterEdit.Apply(edit, letter, by.User, TimeProvider.System.GetUtcNow());
        if (letter.OriginalQueue.Length == 0)
            throw new RedisConflictException($"Message {key} in '{queue}' does not say which queue it came from.");
        var original = found.Engine.Inspect(letter.OriginalQueue);
        if (!found.Queue.Reaches(original))
        {
            throw new RedisConflictException($"A message of '{queue}' cannot be edited and moved to '{original.Name}' in one step: on a "
                + "cluster only the error queues with the queue's own name can. Replay it as it is, or send the edited one and purge "
                + "this.");
        }

        return await audit.RunAsync(AuditEntries.Of(RedisAuditActions.Edit, queue, keys[0], by), async () =>
            await found.Queue.ReplaceAsync(original, key, record, edit.Priority, MessageQueue.TrashTime, cancellationToken)
                .ConfigureAwait(false)
                ? RedisEditOutcome.Replayed : RedisEditOutcome.Gone,
            static x => x == RedisEditOutcome.Replayed ? 1 : 0, cancellationToken).ConfigureAwait(false);
    }
}
