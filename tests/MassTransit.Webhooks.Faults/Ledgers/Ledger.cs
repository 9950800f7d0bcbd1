using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit.Webhooks.Faults.Worker;

namespace MassTransit.Webhooks.Faults.Ledgers;

/// <summary>Counts every id: what was confirmed, refused, begun and ended, and when.</summary>
internal sealed class Ledger
{
    readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    readonly ConcurrentQueue<Absence> _absences = new();
    readonly ConcurrentDictionary<string, int> _errors = new(StringComparer.Ordinal);
    readonly int[] _last = new int[Kinds.All.Length];
    readonly int[] _confirmed = new int[Kinds.All.Length];
    readonly int[] _ended = new int[Kinds.All.Length];
    long _lastSign = Stopwatch.GetTimestamp();

    /// <summary>When a worker last began or ended anything.</summary>
    public long LastSign => Volatile.Read(ref _lastSign);

    /// <summary>How often senders were refused, by the type and the beginning of the text.</summary>
    public IReadOnlyDictionary<string, int> Errors => _errors;

    public string Next(Kind kind) => kind.Id(Interlocked.Increment(ref _last[(int)kind]));

    public int Confirmed(Kind kind) => Volatile.Read(ref _confirmed[(int)kind]);

    public int Ended(Kind kind) => Volatile.Read(ref _ended[(int)kind]);

    public void Confirm(string id)
    {
        Of(id).Confirm(Stopwatch.GetTimestamp());
        Interlocked.Increment(ref _confirmed[(int)Kinds.Of(id)]);
    }

    public void Refuse(string id, string error)
    {
        Of(id).Refuse();
        _errors.AddOrUpdate(error.Length > 160 ? error[..160] : error, 1, (_, count) => count + 1);
    }

    public void Begin(string id, int worker, long at, bool redelivered)
    {
        Of(id).AddBegin(new Begin(worker, at, redelivered));
        Volatile.Write(ref _lastSign, Stopwatch.GetTimestamp());
    }

    public void End(string id, long at)
    {
        Of(id).AddEnd(at);
        Interlocked.Increment(ref _ended[(int)Kinds.Of(id)]);
        Volatile.Write(ref _lastSign, Stopwatch.GetTimestamp());
    }

    /// <summary>Notes that a worker, or all of them, could reach no server between two times.</summary>
    public void Absent(int? worker, long from, long to) => _absences.Enqueue(new Absence(worker, from, to));

    /// <summary>How many confirmed ids have not been processed yet.</summary>
    public int Missing() => _entries.Values.Count(x => x.ConfirmedAt > 0 && x.Read().Ends.Count == 0);

    /// <summary>How many were begun and have not ended.</summary>
    public int InWork() => _entries.Values.Count(x => x.Read() is var (begins, ends) && begins.Count > ends.Count);

    /// <summary>Counts one kind.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="from">Outages are looked for from here,</param>
    /// <param name="to">to here.</param>
    /// <param name="back">When the fault was over.</param>
    public Counts Count(Kind kind, long from, long to, long back)
    {
        var entries = _entries.Where(x => Kinds.Of(x.Key) == kind).Select(x => (Entry: x.Value, Read: x.Value.Read())).ToArray();
        var lease = (long)(WorkerOptions.Lease.TotalSeconds * Stopwatch.Frequency);
        return new Counts
        {
            Confirmed = entries.Count(x => x.Entry.ConfirmedAt > 0),
            Refused = entries.Count(x => x.Entry.ConfirmedAt == 0),
            RefusedAndRun = entries.Count(x => x.Entry.ConfirmedAt == 0 && x.Entry.Refusals > 0 && x.Read.Ends.Count > 0),
            Lost = entries.Count(x => x.Entry.ConfirmedAt > 0 && x.Read.Ends.Count == 0),
            LostLater = entries.Count(x => x.Entry.ConfirmedAt > back && x.Read.Ends.Count == 0),
            RunTwice = entries.Sum(x => Math.Max(0, x.Read.Ends.Count - 1)),
            RunTwiceLater = entries.Where(x => x.Read.Begins.Count > 0 && x.Read.Begins[0].At > back)
                .Sum(x => Math.Max(0, x.Read.Ends.Count - 1)),
            WithoutLease = entries.Sum(x => x.Read.Begins.Where((begin, i) => IsWithoutLease(x.Read.Begins, begin, i, lease)).Count()),
            SenderOutage = LongestGap(entries.Select(x => x.Entry.ConfirmedAt).Where(x => x > 0), from, to),
            ReceiverOutage = LongestGap(entries.SelectMany(x => x.Read.Ends), from, to),
        };
    }

    /// <summary>
    /// True where the worker could not have renewed the lease; or where another worker has begun it before, and this delivery must be the
    /// older one: because the transport calls it the first, or because the other took it while this worker was away.
    /// </summary>
    bool IsWithoutLease(IReadOnlyList<Begin> begins, Begin begin, int index, long lease)
    {
        if (_absences.Any(x => x.HasNoLease(begin, lease)))
            return true;
        var others = begins.Take(index).Where(x => x.Worker != begin.Worker);
        return !begin.Redelivered
            && others.Any(x => x.Redelivered || _absences.Any(a => a.Worker == begin.Worker && a.From < x.At && begin.At >= a.To));
    }

    static TimeSpan LongestGap(IEnumerable<long> times, long from, long to)
    {
        var (longest, last) = (0L, from);
        foreach (var time in times.Where(x => x > from && x < to).Order().Append(to))
        {
            longest = Math.Max(longest, time - last);
            last = time;
        }

        return Stopwatch.GetElapsedTime(0, longest);
    }

    Entry Of(string id) => _entries.GetOrAdd(id, static _ => new Entry());
}
