using System.Diagnostics;
using MassTransit.Webhooks.Faults;
using MassTransit.Webhooks.Faults.Ledgers;
using MassTransit.Webhooks.Faults.Report;
using MassTransit.Webhooks.Faults.Worker;

namespace MassTransit.RedisTransport.FaultTests.Matrix;

/// <summary>The suite sees what it looks for: a count that is always 0 proves nothing.</summary>
public sealed class LedgerTests
{
    static readonly long Lease = (long)(WorkerOptions.Lease.TotalSeconds * Stopwatch.Frequency);

    readonly Ledger _ledger = new();
    readonly long _now = Stopwatch.GetTimestamp();

    [Fact]
    public void What_was_confirmed_and_never_ended_is_lost()
    {
        _ledger.Confirm("p1");
        _ledger.Confirm("p2");
        Begin("p2", worker: 0, after: 1);
        _ledger.Confirm("p3");
        Run("p3", worker: 0, after: 1);
        _ledger.Refuse("p4", "no");

        var counts = Count();
        Assert.Equal((3, 2, 1, 0), (counts.Confirmed, counts.Lost, counts.Refused, counts.RefusedAndRun));
        Assert.Equal(2, _ledger.Missing());
    }

    [Fact]
    public void What_was_lost_is_told_apart_by_whether_the_fault_was_over()
    {
        _ledger.Confirm("p1");
        var back = Stopwatch.GetTimestamp();
        _ledger.Confirm("p2");
        _ledger.Confirm("p3");

        var counts = _ledger.Count(Kind.Plain, _now, long.MaxValue, back);
        Assert.Equal((3, 2), (counts.Lost, counts.LostLater));
    }

    [Fact]
    public void Each_end_beyond_the_first_is_a_run_too_many()
    {
        for (var i = 0; i < 3; i++)
            Run("p1", worker: i, after: i);
        Run("p2", worker: 0, after: 1);
        Assert.Equal(2, Count().RunTwice);
    }

    [Fact]
    public void What_was_first_begun_after_the_fault_was_in_no_hand()
    {
        Run("p1", worker: 0, after: 1);
        Run("p1", worker: 1, after: 20);
        Run("p2", worker: 0, after: 11);
        Run("p2", worker: 1, after: 20);
        var counts = _ledger.Count(Kind.Plain, _now, long.MaxValue, _now + 10);
        Assert.Equal((2, 1), (counts.RunTwice, counts.RunTwiceLater));
    }

    [Fact]
    public void A_refused_message_that_was_processed_is_counted_as_such()
    {
        _ledger.Refuse("p1", "no answer");
        Run("p1", worker: 0, after: 1);
        Assert.Equal((1, 1, 0), (Count().Refused, Count().RefusedAndRun, Count().Lost));
    }

    [Fact]
    public void A_worker_that_is_cut_off_has_no_lease_once_all_it_had_have_ended()
    {
        _ledger.Absent(worker: 0, _now, _now + 3 * Lease);
        Begin("p1", worker: 0, after: Lease / 2);
        Begin("p2", worker: 0, after: 2 * Lease);
        Begin("p3", worker: 1, after: 2 * Lease);
        Begin("p4", worker: 0, after: 4 * Lease);
        Assert.Equal(1, Count().WithoutLease);
    }

    [Fact]
    public void A_delivery_that_is_older_than_another_workers_has_no_lease()
    {
        // The second worker took it back from the first, which was frozen, and then begins it all the same.
        Begin("p1", worker: 1, after: 10, redelivered: true);
        Begin("p1", worker: 0, after: 20);
        // The first worker began it and ended; the second has it again.
        Begin("p2", worker: 0, after: 10);
        Begin("p2", worker: 1, after: 20, redelivered: true);
        Assert.Equal(1, Count().WithoutLease);
    }

    [Fact]
    public void What_another_worker_took_while_one_was_frozen_is_no_longer_the_frozen_ones()
    {
        _ledger.Absent(worker: 0, _now, _now + 2 * Lease);
        Begin("w1", worker: 1, after: Lease + 10);
        Begin("w1", worker: 0, after: 2 * Lease + 10);
        Begin("w2", worker: 0, after: 2 * Lease + 10);
        Assert.Equal(1, _ledger.Count(Kind.Webhooks, _now, long.MaxValue, long.MaxValue).WithoutLease);
    }

    [Fact]
    public void An_outage_is_the_longest_time_without_an_end_also_when_nothing_comes_any_more()
    {
        var second = Stopwatch.Frequency;
        Run("p1", worker: 0, after: second);
        Run("p2", worker: 0, after: 2 * second);
        Assert.Equal(TimeSpan.FromSeconds(8), _ledger.Count(Kind.Plain, _now, _now + 10 * second, long.MaxValue).ReceiverOutage);
    }

    [Fact]
    public void A_row_is_judged_by_what_it_may()
    {
        var counts = new Dictionary<Kind, Counts>
        {
            [Kind.Plain] =
            new() { Confirmed = 10_000, Lost = 3, RunTwice = 5_000, WithoutLease = 2 * WorkerOptions.BatchSize + 1 }
        };
        var row = new Row { Group = "", Scenario = "", Fault = "", Kinds = counts, DeadLetters = 1 };
        Assert.Equal(4, row.Judge().Count());
        var excused = row with { MayLose = Reason.Replication, MayRepeat = Reason.OldSnapshot, DeadLetters = 0 };
        // A batch a core may stand between the look at its lease and the first line when its process is stopped, and no more.
        counts[Kind.Plain] = counts[Kind.Plain] with { WithoutLease = 2 * WorkerOptions.BatchSize };
        Assert.Empty(excused.Judge());
        // Nothing excuses the loss of what was confirmed when all was well again.
        counts[Kind.Plain] = counts[Kind.Plain] with { LostLater = 1 };
        Assert.Single(excused.Judge());
    }

    [Fact]
    public async Task The_table_goes_between_the_markers_of_a_document_and_nothing_else_changes()
    {
        var file = Path.GetTempFileName();
        try
        {
            const string begin = "<!-- matrix: written by dotnet cake --target=Faults -->", end = "<!-- /matrix -->";
            await File.WriteAllTextAsync(file, $"before\n{begin}\nold\n{end}\nafter\n");
            var matrix = new Webhooks.Faults.Report.Matrix(new Settings(Short: true));
            matrix.Add(new Row { Group = "Group", Scenario = "s", Fault = "fault", LeftOut = "no root" });
            await matrix.WriteMarkdownAsync(file);
            await matrix.WriteMarkdownAsync(file);

            var text = await File.ReadAllTextAsync(file);
            Assert.StartsWith($"before\n{begin}\n", text, StringComparison.Ordinal);
            Assert.EndsWith($"{end}\nafter\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain("old", text, StringComparison.Ordinal);
            Assert.Equal(2, text.Split("left out: no root").Length);
        }
        finally
        {
            File.Delete(file);
        }
    }

    Counts Count() => _ledger.Count(Kind.Plain, _now, long.MaxValue, long.MaxValue);

    void Begin(string id, int worker, long after, bool redelivered = false) => _ledger.Begin(id, worker, _now + after, redelivered);

    void Run(string id, int worker, long after)
    {
        Begin(id, worker, after);
        _ledger.End(id, _now + after);
    }
}
