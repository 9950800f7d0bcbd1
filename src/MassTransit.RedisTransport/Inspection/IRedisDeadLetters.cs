namespace MassTransit;

/// <summary>
/// Lists, replays and purges dead letters. Its methods take the name of a dead-letter queue: <c>orders_error</c>, <c>orders_skipped</c>, or
/// the custom name that an endpoint was given. Added by <c>AddRedisQueues</c>.
/// </summary>
/// <remarks>
/// Only waiting messages are used; messages that a consumer of the dead-letter queue has leased belong to that consumer. Every method
/// throws <see cref="ArgumentException"/> for a queue that is no dead-letter queue, <see cref="RedisQueueNotFoundException"/> if there is
/// no such queue, and <see cref="RedisTransportException"/> if the server refuses or does not answer within the send timeout.
/// </remarks>
public interface IRedisDeadLetters
{
    /// <summary>Reads dead letters page by page. None is missed or repeated if others are replayed, purged or added meanwhile.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="filter">
    /// Which dead letters are returned. Default: all. A call looks at 10,000 dead letters at most, or at 100,000 if the filter names a
    /// failure group or a text, and for 2 seconds at most. Then it returns its matches, how far it has looked, and the cursor to continue.
    /// </param>
    /// <param name="limit">
    /// How many at most, 1 to 1,000. Default: 100. A page may be shorter if bodies are large (about 4 MB in total).
    /// </param>
    /// <param name="after"><see cref="RedisDeadLetterPage.Next"/> of the page before. Default: <c>null</c>, from the first one.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue, or the cursor is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not between 1 and 1,000.</exception>
    Task<RedisDeadLetterPage> ListAsync(string queue, RedisDeadLetterFilter? filter = null, int limit = 100, string? after = null,
        CancellationToken cancellationToken = default);

    /// <summary>Reads one dead letter.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="key">The dead letter's <see cref="RedisDeadLetter.Key"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The dead letter; <c>null</c> if it no longer exists.</returns>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue, or the key is not valid.</exception>
    Task<RedisDeadLetter?> GetAsync(string queue, string key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads the dead letters that have come since the call before, to follow a queue. None is returned twice. Of many only the newest are
    /// read: a call costs the same for a hundred and for a million. What was replayed, purged or taken by a consumer before the call is
    /// not seen, and what was put back (<see cref="IRedisTrash.RestoreAsync"/>, <see cref="ImportAsync"/>) is not new. Of a queue that
    /// ages its messages the 2,000 of the lowest rank are looked at.
    /// </summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="since">
    /// <see cref="RedisNewDeadLetters.Next"/> of the call before; <c>0</c>: all that are there are new. Default: <c>null</c>, which reads
    /// none and begins now.
    /// </param>
    /// <param name="limit">
    /// How many at most, 1 to 1,000. Default: 100. There may be fewer if bodies are large (about 4 MB in total).
    /// </param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue, or <paramref name="since"/> is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not between 1 and 1,000.</exception>
    Task<RedisNewDeadLetters> ListNewAsync(string queue, string? since = null, int limit = 100,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Lists the failure groups of a dead-letter queue, the largest first: 200 at most, then all others as one. The counts are kept by the
    /// same atomic steps that move dead letters in and out, so they are exact, and the call costs the same for ten dead letters and for a
    /// million. Up to 50 ms of the call are spent on grouping what is not grouped yet.
    /// </summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue.</exception>
    Task<RedisFailureGroups> ListGroupsAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes a note on a failure group, which everybody sees who looks at it, or removes it. It goes when the group does.
    /// </summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="group">The group's <see cref="RedisFailureGroup.Id"/>.</param>
    /// <param name="note">The note; <c>null</c> removes it.</param>
    /// <param name="by">Who writes it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue, this is no group's id, or the note is not valid.</exception>
    /// <exception cref="RedisConflictException">The queue has no such group, or no more.</exception>
    /// <exception cref="RedisTransportException">The audit cannot be written.</exception>
    Task SetNoteAsync(string queue, string group, RedisFailureNote? note, RedisActor by, CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves a dead letter back to its queue with changes, and the original to the trash, in one atomic step: there is never both, and
    /// never neither. It is replayed as <see cref="ReplayAsync(string, IReadOnlyCollection{string}, CancellationToken)"/> does it, and gets
    /// <c>MT-Edited-By</c>, <c>MT-Edited-At</c> and <c>MT-Edit-Of</c>, the SHA-256 of the body before its first edit.
    /// </summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="key">The dead letter's <see cref="RedisDeadLetter.Key"/>. One that fails again has another key.</param>
    /// <param name="edit">What is changed.</param>
    /// <param name="by">Who edits it, and why.</param>
    /// <param name="cancellationToken">Ends the waiting; the step may have been done.</param>
    /// <returns>
    /// <see cref="RedisEditOutcome.Gone"/> if the dead letter is there no more: nobody's edit is lost in silence.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The queue is no dead-letter queue, or the edit is not valid or does not fit the message.
    /// </exception>
    /// <exception cref="RedisConflictException">
    /// On a cluster, the error queue has a name of its own, so that no single step reaches both queues; or the message does not say which
    /// queue it came from.
    /// </exception>
    /// <exception cref="RedisTransportException">The audit cannot be written.</exception>
    Task<RedisEditOutcome> EditAndReplayAsync(string queue, string key, RedisEdit edit, RedisActor by,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts exported dead letters into a dead-letter queue, of this server or of another one, as they were: with their records byte by
    /// byte, their priorities, the time of their death, and counted in their failure groups. One that lies in the queue already, with the
    /// same key and the same record, is passed over, so that an import can be repeated. One that was replayed or purged meanwhile comes
    /// back. If another message has the key, as may happen when queues of several servers are put together, the letter gets the next one.
    /// </summary>
    /// <remarks>
    /// It works in atomic steps of up to 250. An import that ends early has put in the first ones, as many as the last
    /// <paramref name="progress"/> says (after a lost reply perhaps the step behind them, too): repeat it for the rest.
    /// </remarks>
    /// <param name="queue">The dead-letter queue. It may be one that has never had a message, if its queue exists.</param>
    /// <param name="letters">The letters; they are read as they are put in.</param>
    /// <param name="by">Who imports them, and why.</param>
    /// <param name="source">Where they come from, for the audit: the name of a file. Default: <c>null</c>, not told.</param>
    /// <param name="progress">Is told of each step. Default: nobody.</param>
    /// <param name="cancellationToken">Stops the import after the current step.</param>
    /// <exception cref="ArgumentException">
    /// The queue is no dead-letter queue; or the place of a letter lies more than an hour ahead of the server's clock: those before it are
    /// put in then.
    /// </exception>
    /// <exception cref="RedisTransportException">
    /// The server does not answer or refuses, for example because its memory is full; or the audit cannot be written.
    /// </exception>
    Task<RedisImportProgress> ImportAsync(string queue, IAsyncEnumerable<RedisExportedLetter> letters, RedisActor by, string? source = null,
        IProgress<RedisImportProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves dead letters back to their original queue, behind the messages that wait there. They keep priority, id, body and headers.
    /// Fault headers and the redelivery count are removed, as if they had never failed (the count is removed from a JSON envelope; in any
    /// other envelope it stays). <c>MT-Replay-Count</c> and <c>MT-Replayed-From</c> are added.
    /// </summary>
    /// <remarks>
    /// It works in atomic steps of up to 500. On a cluster, messages of a dead-letter queue with a custom name are stored in the target and
    /// then removed, only once even if that is repeated within an hour. A replay that ends early has lost and duplicated nothing: each
    /// message is in one of the two queues (on a cluster, for a moment in both). Call it again for the rest. A record that cannot be read
    /// is moved back unchanged, without headers.
    /// </remarks>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="keys">The keys of the dead letters. Those that no longer exist are skipped.</param>
    /// <param name="cancellationToken">Stops the replay after the current step.</param>
    /// <returns>How many were moved.</returns>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue, or a key is not valid. Nothing was replayed.</exception>
    Task<long> ReplayAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves back the dead letters that the filter selects, as <see cref="ReplayAsync(string, IReadOnlyCollection{string},
    /// CancellationToken)"/> does. It handles only dead letters that exist when it begins, so that messages which fail again are not
    /// replayed for ever.
    /// </summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="filter">Which dead letters are meant.</param>
    /// <param name="cancellationToken">Stops the replay after the current step.</param>
    /// <returns>How many were moved.</returns>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue.</exception>
    Task<long> ReplayAsync(string queue, RedisDeadLetterFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Moves back all dead letters that exist now.</summary>
    /// <inheritdoc cref="ReplayAsync(string, RedisDeadLetterFilter, CancellationToken)"/>
    Task<long> ReplayAllAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Deletes the given dead letters for good.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="keys">The keys of the dead letters. Those that no longer exist are skipped.</param>
    /// <param name="cancellationToken">Stops the purge after the current step.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue, or a key is not valid. Nothing was deleted.</exception>
    Task<long> PurgeAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>Deletes the dead letters for good that the filter selects, among those that exist when it begins.</summary>
    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="filter">Which dead letters are meant.</param>
    /// <param name="cancellationToken">Stops the purge after the current step.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="ArgumentException">The queue is no dead-letter queue.</exception>
    Task<long> PurgeAsync(string queue, RedisDeadLetterFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Deletes all dead letters for good that exist now.</summary>
    /// <inheritdoc cref="PurgeAsync(string, RedisDeadLetterFilter, CancellationToken)"/>
    Task<long> PurgeAllAsync(string queue, CancellationToken cancellationToken = default);
}
