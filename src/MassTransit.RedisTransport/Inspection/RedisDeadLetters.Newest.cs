using System.Globalization;
using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Inspection;

internal sealed partial class RedisDeadLetters
{
    /// <summary>How many bytes of records one call reads of the newest dead letters, if it reads more than one.</summary>
    const int NewestBytes = 4 * 1024 * 1024;

    public async Task<RedisNewDeadLetters> ListNewAsync(string queue, string? since = null, int limit = 100,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MessageQueue.MaxPage);
        var place = since is null ? (long?)null : ParseMark(since);
        var found = await DeadLetterQueue.FindAsync(host, consumed, queue, cancellationToken).ConfigureAwait(false);
        var newest = await found.Queue.FindNewestAsync(place, limit, cancellationToken).ConfigureAwait(false);
        var letters = new List<RedisDeadLetter>();
        var (bytes, looked) = (0L, 0);
        while (looked < newest.Keys.Length && (bytes == 0 || bytes < NewestBytes))
        {
            // As many as fit into one reply, so that little more is read than is wanted.
            var read = await found.Queue.ReadFirstAsync(newest.Keys.Skip(looked), cancellationToken).ConfigureAwait(false);
            looked += read.Looked;
            bytes += read.Messages.Sum(x => (long)(x.Record?.Length ?? 0));
            letters.AddRange(read.Messages.Select(found.Read));
        }

        letters.Reverse();
        return new RedisNewDeadLetters
        {
            Entries = letters,
            // What was replayed or purged between the two calls is nothing that could be read later.
            Skipped = newest.Count - looked,
            // A replica that has taken over may know of less than what was read.
            Next = Math.Max(place ?? 0, newest.Place).ToString(CultureInfo.InvariantCulture),
        };
    }

    static long ParseMark(string since) =>
        since.Length < 18 && long.TryParse(since, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? place : throw new ArgumentException("This marks no moment of the queue: give what Next of the call before said.",
                nameof(since));
}
