namespace MassTransit;

/// <summary>Does what is to be recorded in the audit.</summary>
public static class RedisAuditExtensions
{
    /// <summary>
    /// Records an act as started, does it, and records how it ended. Without the first record nothing is done. If the last one cannot be
    /// written, the act has been done all the same, and the entry stays as started.
    /// </summary>
    /// <typeparam name="T">What the act returns.</typeparam>
    /// <param name="audit">The audit.</param>
    /// <param name="entry">What is done, by whom and why.</param>
    /// <param name="act">Does it.</param>
    /// <param name="count">Returns how many messages it concerned; <c>null</c>: as the entry says.</param>
    /// <param name="cancellationToken">Stops the waiting for the first record; the act is not done then.</param>
    /// <returns>What the act has returned.</returns>
    /// <exception cref="RedisTransportException">The act could not be recorded, and was not done.</exception>
    public static async Task<T> RunAsync<T>(this IRedisAudit audit, RedisAuditEntry entry, Func<Task<T>> act, Func<T, long?>? count = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audit);
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(act);
        var begun = await audit.RecordAsync(entry with { Outcome = RedisAuditOutcome.Started }, cancellationToken).ConfigureAwait(false);
        T result;
        try
        {
            result = await act().ConfigureAwait(false);
        }
        catch
        {
            await CompleteAsync(RedisAuditOutcome.Failed, null).ConfigureAwait(false);
            throw;
        }

        await CompleteAsync(RedisAuditOutcome.Done, count?.Invoke(result)).ConfigureAwait(false);
        return result;

        async Task CompleteAsync(RedisAuditOutcome outcome, long? messages)
        {
            try
            {
                // Whoever has cancelled the act wants to know what became of it, too.
                await audit.CompleteAsync(begun, outcome, messages, CancellationToken.None).ConfigureAwait(false);
            }
            catch (RedisTransportException)
            {
                // The entry stays as started, which says that nobody knows more. The log has a warning.
            }
        }
    }
}
