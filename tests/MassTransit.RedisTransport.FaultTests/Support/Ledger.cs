using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using MassTransit.RedisTransport.FaultWorker;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Support;

/// <summary>Counts every id: which sends were confirmed, and how often each message was consumed.</summary>
sealed class Ledger
{
    readonly ConcurrentDictionary<int, byte> _confirmed = new();
    readonly ConcurrentDictionary<int, int> _consumed = new();
    readonly ConcurrentDictionary<int, long> _awaited = new();
    readonly ConcurrentQueue<TimeSpan> _redeliveries = new();
    readonly ConcurrentQueue<Exception> _refused = new();
    int _lastId;
    int _deliveries;

    public int Confirmed => _confirmed.Count;

    public int Deliveries => Volatile.Read(ref _deliveries);

    public int Distinct => _consumed.Count;

    public int Repeats => Deliveries - Distinct;

    public IEnumerable<int> ConfirmedIds => _confirmed.Keys;

    public IReadOnlyCollection<Exception> Refused => _refused;

    /// <summary>From the kill of a consumer to the next delivery of what it was working on.</summary>
    public IReadOnlyCollection<TimeSpan> Redeliveries => _redeliveries;

    public IReadOnlyList<int> Lost => [.. _confirmed.Keys.Where(id => !_consumed.ContainsKey(id))];

    public int NextId() => Interlocked.Increment(ref _lastId);

    public void Confirm(int id) => _confirmed.TryAdd(id, 0);

    public void Refuse(Exception exception) => _refused.Enqueue(exception);

    public void Begin(int id)
    {
        if (_awaited.TryRemove(id, out var killed))
            _redeliveries.Enqueue(Stopwatch.GetElapsedTime(killed));
    }

    /// <summary>A consumer has done its work, whatever becomes of its acknowledgement.</summary>
    public void Consume(int id)
    {
        Interlocked.Increment(ref _deliveries);
        _consumed.AddOrUpdate(id, 1, (_, count) => count + 1);
    }

    public int CountOf(int id) => _consumed.GetValueOrDefault(id);

    public void Await(IEnumerable<int> ids, long killed)
    {
        foreach (var id in ids)
            _awaited[id] = killed;
    }

    public Task AllConsumedAsync(TimeSpan? timeout = null) =>
        Eventually.TrueAsync(() => Lost.Count == 0, timeout ?? TimeSpan.FromSeconds(40), "every confirmed message is consumed");

    /// <summary>Waits for this many more messages to be consumed: the proof that receiving goes on.</summary>
    public Task MoreConsumedAsync(int more, TimeSpan? timeout = null, string? message = null)
    {
        var from = Distinct;
        return Eventually.TrueAsync(() => Distinct >= from + more, timeout ?? TimeSpan.FromSeconds(40),
            message ?? $"{more} more messages are consumed");
    }

    /// <summary>Waits for this many more sends to be confirmed.</summary>
    public Task MoreConfirmedAsync(int more, TimeSpan? timeout = null)
    {
        var from = Confirmed;
        return Eventually.TrueAsync(() => Confirmed >= from + more, timeout ?? TimeSpan.FromSeconds(40),
            $"{more} more sends are confirmed");
    }

    public void Print(ITestOutputHelper output, string fault, string remark = "")
    {
        output.WriteLine("fault | sends confirmed | delivered | repeats | lost | remark");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{fault} | {Confirmed} | {Deliveries} | {Repeats} | {Lost.Count} | sends failed "
                + $"{_refused.Count}{(remark.Length > 0 ? ", " + remark : "")}"));
    }

    public static Ping PingOf(int id) => new() { Id = id };
}
