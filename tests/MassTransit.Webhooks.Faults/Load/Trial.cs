using System.Diagnostics;
using MassTransit.Webhooks.Faults.Ledgers;
using MassTransit.Webhooks.Faults.Report;
using MassTransit.Webhooks.Faults.Worker;

namespace MassTransit.Webhooks.Faults.Load;

/// <summary>One application under load: a process that sends, two that work. A fault happens to it, and then every id is counted.</summary>
internal sealed class Trial : IAsyncDisposable
{
    const int Workers = 2;
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100), Quiet = TimeSpan.FromSeconds(4);

    readonly Settings _settings;
    readonly List<WorkerProcess> _workers = [];
    readonly List<string> _violations = [];
    readonly WorkerOptions _workerOptions;
    Sender? _sender;
    Senders? _senders;
    long _from, _to, _back = long.MaxValue;
    long _inHand, _dead, _left;

    Trial(Settings settings, WorkerOptions options)
    {
        _settings = settings;
        _workerOptions = options;
    }

    public Ledger Ledger { get; } = new();

    public IReadOnlyList<WorkerProcess> AllWorkers => _workers;

    public Senders Load => _senders ?? throw new InvalidOperationException("Not started.");

    /// <summary>Starts workers and senders, and waits until all kinds are sent and processed.</summary>
    /// <param name="settings">How the suite runs.</param>
    /// <param name="sender">How the sending process is set up.</param>
    /// <param name="worker">How the workers are set up; <c>null</c>: on the sender's server.</param>
    /// <param name="inside">For each worker, a command in front of its own, and its server where that is another one.</param>
    public static async Task<Trial> StartAsync(Settings settings, SenderOptions sender, WorkerOptions? worker = null,
        Func<int, (string[] Inside, string? Server)>? inside = null)
    {
        var trial = new Trial(settings, worker ?? new WorkerOptions { Server = sender.Server, Prefix = sender.Prefix });
        try
        {
            for (var i = 0; i < Workers; i++)
                await trial.AddWorkerAsync(inside?.Invoke(i) ?? ([], null));
            foreach (var process in trial._workers)
                await process.ReadyAsync();
            trial._sender = await Sender.StartAsync(sender);
            trial._senders = new Senders(trial._sender, trial.Ledger);
            trial._senders.Start();
            await trial.SteadyAsync("before the fault");
            trial._from = Stopwatch.GetTimestamp();
            return trial;
        }
        catch
        {
            await trial.DisposeAsync();
            throw;
        }
    }

    public async Task<WorkerProcess> AddWorkerAsync((string[] Inside, string? Server) where = default)
    {
        var options = where.Server is { } server ? _workerOptions with { Server = server } : _workerOptions;
        var process = await WorkerProcess.StartAsync(_workers.Count, options, Ledger, where.Inside ?? []);
        _workers.Add(process);
        return process;
    }

    /// <summary>Reads what is leased, by Redis's own count, just before a fault.</summary>
    public async Task<long> NoteInHandAsync()
    {
        // Begun and acknowledged meanwhile: what is leased changes all the time, so the larger of both counts.
        var leased = Math.Max(Ledger.InWork(), await TryCountAsync() is { } counts ? counts.Leased : 0);
        _inHand += leased;
        return leased;
    }

    /// <summary>The only server goes and comes back: between the two no worker can have a lease for longer than one lasts.</summary>
    public async Task OutageAsync(Func<Task> go, Func<Task> comeBack)
    {
        await NoteInHandAsync();
        var from = Stopwatch.GetTimestamp();
        await go();
        Ledger.Absent(null, from, Stopwatch.GetTimestamp());
        await comeBack();
    }

    /// <summary>Notes that the fault is over, as far as Redis is concerned: what is confirmed from now on must not be lost.</summary>
    /// <param name="grace">For what senders hear a moment later.</param>
    public void Back(TimeSpan grace = default) => _back = Stopwatch.GetTimestamp() + (long)(grace.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Waits until more of every kind has been confirmed, processed or not.</summary>
    public Task ConfirmedAsync()
    {
        var goal = Kinds.All.Select(x => (Kind: x, Count: Ledger.Confirmed(x) + 30)).ToArray();
        return Eventually.TrueAsync(() => goal.All(x => Ledger.Confirmed(x.Kind) >= x.Count), Settings.Patience,
            "sends are confirmed while no worker is there");
    }

    /// <summary>Waits until more of every kind has been confirmed and processed. What does not come back is a violation.</summary>
    public async Task SteadyAsync(string when, int? count = null)
    {
        var goal = Kinds.All.Select(x => (Kind: x, Confirmed: Ledger.Confirmed(x) + Share(x), Ended: Ledger.Ended(x) + Share(x))).ToArray();
        var started = Stopwatch.GetTimestamp();
        while (goal.FirstOrDefault(x => Ledger.Confirmed(x.Kind) < x.Confirmed
            || Ledger.Ended(x.Kind) < x.Ended) is { Confirmed: > 0 } late)
        {
            if (Stopwatch.GetElapsedTime(started) > Settings.Patience)
            {
                var half = Ledger.Confirmed(late.Kind) < late.Confirmed ? "sent" : "processed";
                _violations.Add($"{late.Kind.Name()} {when}: not {half} within {Settings.Patience.TotalSeconds:0} s");
                return;
            }

            await Task.Delay(Poll);
        }

        // Delayed messages are sent more slowly than the others.
        int Share(Kind kind) => Math.Max(5, (count ?? _settings.Steady) / (kind == Kind.Delayed ? 3 : 1));
    }

    /// <summary>Ends the load, waits until all is processed and nothing is left, or nothing happens any more, and counts.</summary>
    public async Task<Row> CountAsync(Row row)
    {
        _to = Stopwatch.GetTimestamp();
        await Load.StopAsync();
        await DrainAsync();
        if (_left > 0)
            _violations.Add($"{_left} messages were left in the queues after {Settings.Patience.TotalSeconds:0} s");
        var counted = row with
        {
            Kinds = Kinds.All.ToDictionary(x => x, x => Ledger.Count(x, _from, _to, _back)),
            InHand = _inHand,
            DeadLetters = _dead,
            Errors = Ledger.Errors.OrderByDescending(x => x.Value).Take(5).Select(x => $"{x.Value} x {x.Key}").ToArray(),
        };
        return counted with { Violations = [.. _violations, .. counted.Judge()] };
    }

    public void Violated(string what) => _violations.Add(what);

    public async ValueTask DisposeAsync()
    {
        if (_senders is not null)
            await _senders.DisposeAsync();
        foreach (var worker in _workers)
            await worker.DisposeAsync();
        if (_sender is not null)
            await _sender.DisposeAsync();
    }

    async Task DrainAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < Settings.Patience)
        {
            var counts = await TryCountAsync();
            (_left, _dead) = (counts?.All ?? 0, counts?.Dead ?? 0);
            // A queue that cannot be counted is taken for empty once nothing has happened for much longer than a lease.
            var quiet = counts is null ? 4 * WorkerOptions.Lease : Quiet;
            if (_left == 0 && ((counts is not null && Ledger.Missing() == 0) || Stopwatch.GetElapsedTime(Ledger.LastSign) > quiet))
                return;
            await Task.Delay(Poll);
        }
    }

    async Task<(long All, long Leased, long Dead)?> TryCountAsync()
    {
        try
        {
            return await _sender!.CountAsync();
        }
        catch (Exception exception) when (exception is RedisTransportException or OperationCanceledException)
        {
            return null;
        }
    }
}
