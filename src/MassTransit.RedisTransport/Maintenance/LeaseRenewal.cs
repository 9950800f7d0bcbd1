using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Receiving;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Maintenance;

/// <summary>
/// The renewal of one endpoint's leases. They are renewed in bulk, three times within a lease. Consumers whose leases are lost or over are
/// cancelled. Only the keeper's thread uses it.
/// </summary>
internal sealed class LeaseRenewal : IAsyncDisposable
{
    static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Two refusals within this time count as one outage, because no server starts, serves another client and stops again in between.
    /// </summary>
    static readonly TimeSpan SameOutage = TimeSpan.FromSeconds(5);

    readonly MessageReceiver _receiver;
    readonly RedisReceiveSettings _settings;
    readonly LeaseKeeper _keeper;
    readonly ILogger _logger;
    readonly long _lease;
    List<Delivery> _held = [];
    long _calledAt;
    long _dueAt;
    long _refusedAt;
    long _outage;
    TimeSpan _pausesAtDue = GC.GetTotalPauseDuration();
    TimeSpan _overslept;
    TimeSpan _collected;
    string? _problem;

    public LeaseRenewal(MessageReceiver receiver, RedisReceiveSettings settings, LeaseKeeper keeper, ILogger logger)
    {
        _receiver = receiver;
        _settings = settings;
        _keeper = keeper;
        _logger = logger;
        _lease = Ticks(settings.LeaseDuration);
        _dueAt = Stopwatch.GetTimestamp() + _lease / 3;
        _receiver.Clock.RenewalWanted += OnWanted;
        keeper.Add(this);
    }

    /// <summary>When the next round is due. It is due earlier if a worker waits for it.</summary>
    public long DueAt => Volatile.Read(ref _dueAt);

    /// <summary>How long to wait for an answer, over either connection.</summary>
    public TimeSpan AnswerTimeout => Between(TimeSpan.FromMilliseconds(100), _settings.LeaseDuration / 6, LongestRetry);

    public MessageQueue Queue => _receiver.Queue;

    public TimeSpan Lease => _settings.LeaseDuration;

    /// <summary>The leases of this round; empty if there is nothing to do.</summary>
    public IReadOnlyList<LeaseHandle> Leases => [.. _held.Select(x => x.Message.Lease)];

    /// <summary>The first attempt of the round, over the host's connection.</summary>
    public Task<int[]>? Attempt { get; private set; }

    public ValueTask DisposeAsync()
    {
        _receiver.Clock.RenewalWanted -= OnWanted;
        _keeper.Remove(this);
        return ValueTask.CompletedTask;
    }

    public void Begin()
    {
        _calledAt = Stopwatch.GetTimestamp();
        _overslept = Stopwatch.GetElapsedTime(Math.Min(DueAt, _calledAt), _calledAt);
        _collected = GC.GetTotalPauseDuration() - _pausesAtDue;
        // Leases that are new or were just renewed are left out. They last beyond the next round, and most of them are finished by then.
        _held = _receiver.HeldSince(_calledAt - _lease / 6);
        Attempt = null;
        if (_held.Count == 0)
            return;

        try
        {
            Attempt = Queue.RenewAsync(Leases, Lease);
        }
        catch (Exception exception)
        {
            // After any failure the other connection is tried.
            Attempt = Task.FromException<int[]>(exception);
        }
    }

    /// <param name="lost">The indexes of leases that the server no longer knows.</param>
    /// <param name="isDirect">True if only the separate connection has got an answer.</param>
    public void Succeeded(int[] lost, bool isDirect)
    {
        var oldest = _held.Where(x => x.State == DeliveryState.Held).Select(x => x.ConfirmedAt).DefaultIfEmpty(_calledAt).Min();
        var age = Stopwatch.GetElapsedTime(oldest, Math.Max(oldest, _calledAt));
        if (age > Lease * (2 / 3d))
            LogMessages.RenewalLate(_logger, _settings.QueueName, age, Lease, Cause(isDirect));
        _problem = null;
        _refusedAt = 0;
        _outage = 0;
        _receiver.OnRenewed(_held, lost, _calledAt);
        _receiver.Clock.SetOutage(0);
        Schedule(Lease / 3);
    }

    /// <param name="exception">The exception of the last attempt.</param>
    /// <param name="isDown">True if the only server refuses connections, so that no other client can lease anything either.</param>
    public void Failed(Exception exception, bool isDown)
    {
        var now = Stopwatch.GetTimestamp();
        if (_problem is null)
            LogMessages.RenewalFailed(_logger, _settings.QueueName, exception);
        _problem = exception.Message;
        if (isDown && _refusedAt != 0 && Stopwatch.GetElapsedTime(_refusedAt, now) < Between(TimeSpan.Zero, SameOutage, Lease))
            _outage += now - _refusedAt;
        _refusedAt = isDown ? now : 0;
        _receiver.Clock.SetOutage(_outage);
        Schedule(Between(TimeSpan.FromMilliseconds(50), Lease / 10, LongestRetry));
    }

    /// <summary>Called if nothing had to be renewed.</summary>
    public void Skip()
    {
        _problem = null;
        Schedule(Lease / 3);
    }

    public void End()
    {
        _held = [];
        _receiver.CancelOverdue();
        _receiver.Clock.EndRound();
    }

    string Cause(bool isDirect)
    {
        if (_problem is { } problem)
            return $"the connection to Redis ({problem})";
        if (_collected > _overslept / 2 && _overslept > Lease / 6)
            return "a garbage collection";
        if (_overslept > Lease / 6)
            return "the process stood still: it was frozen or suspended, or had no CPU";
        return isDirect ? "the threads of the pool are all busy: consumers must not block them" : "Redis answers slowly";
    }

    void Schedule(TimeSpan pause)
    {
        _pausesAtDue = GC.GetTotalPauseDuration();
        Volatile.Write(ref _dueAt, Stopwatch.GetTimestamp() + Ticks(pause));
    }

    /// <summary>
    /// Makes the round due at once for a worker that waits. While Redis does not answer, the pace of the attempts does not change.
    /// </summary>
    void OnWanted()
    {
        if (_problem is not null)
            return;

        Volatile.Write(ref _dueAt, Stopwatch.GetTimestamp());
        _keeper.Wake();
    }

    static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    static TimeSpan Between(TimeSpan least, TimeSpan time, TimeSpan most) => time > most ? most : time < least ? least : time;
}
