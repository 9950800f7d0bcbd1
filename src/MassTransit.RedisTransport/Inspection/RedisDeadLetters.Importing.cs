using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Inspection;

internal sealed partial class RedisDeadLetters
{
    public async Task<RedisImportProgress> ImportAsync(string queue, IAsyncEnumerable<RedisExportedLetter> letters, RedisActor by,
        string? source = null, IProgress<RedisImportProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(letters);
        ArgumentNullException.ThrowIfNull(by);
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        var begun = await audit.RecordAsync(AuditEntries.Of(RedisAuditActions.Import, queue, source, by) with
        {
            Outcome = RedisAuditOutcome.Started,
        }, cancellationToken).ConfigureAwait(false);
        var outcome = RedisAuditOutcome.Failed;
        var import = new Import(found.Queue.CreateImport(), progress);
        try
        {
            await foreach (var letter in letters.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await import.AddAsync(letter).ConfigureAwait(false);
            }

            await import.FlushAsync().ConfigureAwait(false);
            outcome = RedisAuditOutcome.Done;
            return import.Progress;
        }
        finally
        {
            await CompleteAsync(begun, outcome, import.Progress.Imported).ConfigureAwait(false);
        }
    }

    async Task CompleteAsync(RedisAuditEntry begun, RedisAuditOutcome outcome, long count)
    {
        try
        {
            // Whoever has cancelled it wants to know what became of it, too.
            await audit.CompleteAsync(begun, outcome, count, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RedisTransportException)
        {
            // The entry stays as started, which says that nobody knows more. The log has a warning.
        }
    }

    /// <summary>Gathers dead letters into calls.</summary>
    sealed class Import(ImportLane lane, IProgress<RedisImportProgress>? progress)
    {
        readonly List<RedisExportedLetter> _step = [];
        long _bytes;

        public RedisImportProgress Progress { get; private set; } = new(0, 0, 0);

        public async Task AddAsync(RedisExportedLetter letter)
        {
            _step.Add(letter);
            _bytes += letter.Record.Length;
            if (_step.Count == ImportLane.MaxLetters || _bytes >= ImportLane.MaxBytes)
                await FlushAsync().ConfigureAwait(false);
        }

        /// <exception cref="ArgumentException">One has died in the future, by the server's clock. Those before it are in.</exception>
        public async Task FlushAsync()
        {
            if (_step.Count == 0)
                return;
            var step = await lane.PutAsync([.. _step.Select(x => KeyValuePair.Create(x.Key, x.Record))]).ConfigureAwait(false);
            Progress = new RedisImportProgress(Progress.Letters + step.Handled, Progress.Imported + step.Put,
                Progress.Present + step.Present);
            progress?.Report(Progress);
            if (step.IsRefused)
            {
                throw new ArgumentException($"Message {_step[step.Handled].Key} has died at {_step[step.Handled].DeadSince:u}, which is "
                    + "more than an hour ahead of the server's clock: its key is damaged, or a clock is wrong.");
            }

            _step.Clear();
            _bytes = 0;
        }
    }
}
