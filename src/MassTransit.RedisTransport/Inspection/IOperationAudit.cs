namespace MassTransit;

/// <summary>
/// Gets what operators do through this process, for a log store of the application's own. Register any number of implementations as
/// singletons, or give them to <see cref="RedisAdministration.Connect"/>.
/// </summary>
/// <remarks>
/// An entry is handed over after it is written to <see cref="IRedisAudit"/>, in the background and in order: no act waits for it, and none
/// is undone if it fails. It is told once. What fails, or takes longer than 30 seconds, is lost here, and a warning a minute says so
/// (number 87); so is what comes while 10,000 entries wait, and what still waits 5 seconds after the container or the connection of
/// <see cref="RedisAdministration"/> was disposed. The audit in Redis has it.
/// </remarks>
public interface IOperationAudit
{
    /// <summary>
    /// Handles an entry. An act that is recorded before it is done comes twice, with the same <see cref="RedisAuditEntry.Id"/>: as
    /// <see cref="RedisAuditOutcome.Started"/>, then with what became of it.
    /// </summary>
    /// <param name="entry">The entry. Its texts come from people and programs.</param>
    /// <param name="cancellationToken">Is cancelled after 30 seconds, and when the process ends.</param>
    Task RecordedAsync(RedisAuditEntry entry, CancellationToken cancellationToken);
}
