using System.Collections.Concurrent;
using MassTransit.Webhooks;

namespace Quickstart.Accounting;

/// <summary>One entry for each webhook of this run, by id. Webhooks of others (an earlier run, a curl) have none.</summary>
public sealed class Ledger
{
    readonly ConcurrentDictionary<string, LedgerEntry> _entries = new(StringComparer.Ordinal);
    int _answered;
    int _settled;
    int _strangers;

    public ICollection<LedgerEntry> Entries => _entries.Values;

    public int Answered => Volatile.Read(ref _answered);

    public int Settled => Volatile.Read(ref _settled);

    /// <summary>Webhooks that were processed, but not sent by this run's demonstration.</summary>
    public int Strangers => Volatile.Read(ref _strangers);

    public LedgerEntry Expect(string id, Fate fate) => _entries.GetOrAdd(id, x => new LedgerEntry(x, fate));

    public LedgerEntry? Find(string id) => _entries.GetValueOrDefault(id);

    public void Answer(string id, int status)
    {
        Find(id)?.Answered(status);
        Interlocked.Increment(ref _answered);
    }

    public void Settle(Webhook webhook)
    {
        if (Find(webhook.Id) is not { } entry)
        {
            Interlocked.Increment(ref _strangers);
            return;
        }

        if (entry.Settled == 0)
            Interlocked.Increment(ref _settled);
        entry.Settle();
    }

    /// <summary>Accepted, and not done yet.</summary>
    public IEnumerable<LedgerEntry> Open => _entries.Values.Where(x => x is { IsAccepted: true, Settled: 0 });
}
