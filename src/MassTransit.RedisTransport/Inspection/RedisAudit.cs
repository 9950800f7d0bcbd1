using System.Globalization;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>The audit of one host's key prefix.</summary>
/// <param name="host">The host.</param>
/// <param name="feed">Gets each entry that is written.</param>
internal sealed class RedisAudit(EngineHost host, AuditFeed feed) : IRedisAudit
{
    /// <summary>How many entries one call reads. At most a few hundred KB.</summary>
    const int Step = 200;

    const int MaxLimit = 1_000;

    public async Task<RedisAuditEntry> RecordAsync(RedisAuditEntry entry, CancellationToken cancellationToken = default)
    {
        AuditText.Require(entry);
        entry = entry with { Id = Guid.NewGuid().ToString("N") };
        var time = await host.Current.Audit.WriteAsync(AuditText.Write(entry), cancellationToken: cancellationToken).ConfigureAwait(false);
        return Told(entry with { At = AuditRecord.TimeOf(time) });
    }

    public async Task<RedisAuditEntry> CompleteAsync(RedisAuditEntry entry, RedisAuditOutcome outcome, long? count = null,
        CancellationToken cancellationToken = default)
    {
        AuditText.Require(entry);
        if (entry.Id.Length == 0)
            throw new ArgumentException("This entry was not recorded: give what RecordAsync has returned.", nameof(entry));

        var completed = entry with { Outcome = outcome, Count = count ?? entry.Count };
        if (completed == entry)
            return entry;

        try
        {
            var time = await host.Current.Audit.WriteAsync(AuditText.Write(completed), AuditText.Write(entry), cancellationToken)
                .ConfigureAwait(false);
            return Told(completed with { At = AuditRecord.TimeOf(time) });
        }
        catch (RedisTransportException exception)
        {
            LogMessages.AuditNotCompleted(host.Logger, OneLine.Of(entry.Action), OneLine.Of(entry.Queue), entry.Id, outcome.ToString(),
                exception);
            throw;
        }
    }

    public async Task<RedisAuditPage> ListAsync(int limit = 100, string? before = null, string? queue = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        var (time, id) = before is null ? (long.MaxValue, null) : ((long, string?))Parse(before);
        var entries = new List<RedisAuditEntry>();
        // Entries of one microsecond are ordered by their ids. Those at the cursor and above it have been read.
        for (var skip = 0; skip < AuditLog.Capacity; skip += Step)
        {
            var read = await host.Current.Audit.ReadAsync(time, skip, Step, cancellationToken).ConfigureAwait(false);
            foreach (var record in read)
            {
                if (AuditText.Read(record.Entry, record.At) is not { } entry || (queue is not null && entry.Queue != queue)
                    || (record.Time == time && string.CompareOrdinal(entry.Id, id) >= 0 && id is not null))
                    continue;

                entries.Add(entry);
                if (entries.Count == limit)
                    return new RedisAuditPage { Entries = entries, Next = Cursor(record.Time, entry.Id) };
            }

            if (read.Length < Step)
                break;
        }

        return new RedisAuditPage { Entries = entries };
    }

    static string Cursor(long time, string id) => string.Create(CultureInfo.InvariantCulture, $"{time}/{id}");

    static (long Time, string Id) Parse(string cursor)
    {
        var slash = cursor.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && cursor.Length < 100
            && long.TryParse(cursor.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            ? (time, cursor[(slash + 1)..])
            : throw new ArgumentException("This marks no place in the audit: give what Next of the page before said, or nothing to begin.",
                nameof(cursor));
    }

    /// <summary>Writes a line to the log. An act that has only begun gets its line when its end is known.</summary>
    RedisAuditEntry Told(RedisAuditEntry entry)
    {
        feed.Tell(entry);
        if (entry.Outcome != RedisAuditOutcome.Started)
        {
            LogMessages.Audited(host.Logger, OneLine.Of(entry.User), entry.IsProven, OneLine.Of(entry.Action), OneLine.Of(entry.Queue),
                entry.Outcome.ToString(), entry.Count, OneLine.Of(entry.Selection), OneLine.Of(entry.Reason), OneLine.Of(entry.Address),
                entry.Id);
        }

        return entry;
    }
}
