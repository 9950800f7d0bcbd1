using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Health;

namespace MassTransit.RedisTransport.UnitTests.Health;

/// <summary>When something is found, and when nothing is.</summary>
public sealed class FindingRulesTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_queue_that_works_has_no_finding() => AssertNone(Queue(x => x with
    {
        Ready = 100,
        Leased = 20,
        DeadLetters = 3,
        OldestAge = TimeSpan.FromSeconds(2),
        Receivers = [Receiver("one")],
        History = [.. Enumerable.Range(0, 60).Select(i => Minute(60 - i, ready: 100, dead: 3))],
    }));

    [Fact]
    public void Messages_that_nobody_receives_are_told_of_with_who_was_the_last()
    {
        var queue = Queue(x => x with
        {
            Ready = 5_000,
            OldestAge = TimeSpan.FromMinutes(4),
            Receivers = [Receiver("old", silence: TimeSpan.FromMinutes(6)), Receiver("last", silence: TimeSpan.FromMinutes(3))],
        });

        var finding = Only(queue, RedisFindingIds.QueueUnattended);
        Assert.Equal((RedisFindingSeverity.Unhealthy, Now - TimeSpan.FromMinutes(3)), (finding.Severity, finding.Since));
        Assert.Equal("orders: 5,000 messages wait, the oldest for 4 min, and nobody receives them; the last receiver, last, was last heard "
            + "of 3 min ago.", finding.Sentence);
    }

    [Theory]
    [InlineData(0, 0, 3600, false)]
    [InlineData(5, 1, 3600, false)]
    [InlineData(5, 0, 20, false)]
    [InlineData(5, 0, 3600, true)]
    public void A_queue_is_not_unattended_if_it_is_empty_or_being_worked_on_or_new_or_paused(int ready, int leased, int age, bool paused) =>
        Assert.DoesNotContain(TrendRules.Judge(Queue(x => x with
        {
            Ready = ready,
            Leased = leased,
            OldestAge = TimeSpan.FromSeconds(age),
            IsPaused = paused,
        })), x => x.Id == RedisFindingIds.QueueUnattended);

    [Fact]
    public void A_queue_that_gets_older_is_late_since_it_was_five_minutes_old()
    {
        var queue = Queue(x => x with
        {
            Ready = 10,
            OldestAge = TimeSpan.FromMinutes(20),
            Receivers = [Receiver("one")],
            History = [.. Enumerable.Range(1, 30).Reverse().Select(ago => Minute(ago, ready: 10, age: Math.Max(0, 20 - ago)))],
        });

        var finding = Only(queue, RedisFindingIds.QueueLate);
        Assert.Equal(Now - TimeSpan.FromMinutes(14), finding.Since);
        Assert.EndsWith("has waited for 20 min, and it gets worse.", finding.Sentence, StringComparison.Ordinal);
        AssertNone(queue with { OldestAge = TimeSpan.FromMinutes(10) });
        AssertNone(queue with { IsPaused = true });
        // Nothing is known of before.
        Assert.EndsWith("has waited for 20 min.", Only(queue with { History = [] }, RedisFindingIds.QueueLate).Sentence,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Dead_letters_that_become_more_are_told_of_since_the_first_of_them()
    {
        var queue = Queue(x => x with
        {
            DeadLetters = 40,
            Receivers = [Receiver("one")],
            History = [.. Enumerable.Range(1, 30).Reverse().Select(ago => Minute(ago, dead: ago > 7 ? 5 : 40 - ago))],
        });

        var finding = Only(queue, RedisFindingIds.DeadLettersRising);
        Assert.Equal("orders: 35 more dead letters than 10 min ago, 40 in all.", finding.Sentence);
        Assert.Equal(Now - TimeSpan.FromMinutes(7), finding.Since);
        AssertNone(queue with { DeadLetters = 14 });
        AssertNone(queue with { DeadLetters = 0 });
        AssertNone(queue with { History = [] });
    }

    [Fact]
    public void Reclaimed_messages_are_told_of_with_the_process_that_vanished()
    {
        var queue = Queue(x => x with
        {
            Receivers = [Receiver("one"), Receiver("gone", silence: TimeSpan.FromSeconds(90))],
            History = [Minute(20, reclaimed: 7), Minute(3, reclaimed: 10), Minute(2, reclaimed: 2)],
        });

        var finding = Only(queue, RedisFindingIds.LeasesReclaimed);
        Assert.Equal("orders: 12 messages were taken back in the last 15 min from leases that had ended: gone vanished 90 s ago.",
            finding.Sentence);
        Assert.Equal(Now - TimeSpan.FromMinutes(3), finding.Since);
        AssertNone(Queue(x => x with { Receivers = [Receiver("one")], History = [Minute(20, reclaimed: 7)] }));
    }

    [Fact]
    public void A_receiver_that_vanished_is_a_note_while_others_receive_and_more_if_none_does()
    {
        var queue = Queue(x => x with { Receivers = [Receiver("one"), .. Enumerable.Range(0, 5).Select(Gone)] });

        var finding = Only(queue, RedisFindingIds.ReceiverVanished);
        Assert.Equal((RedisFindingSeverity.Note,
            "orders: gone0 vanished 60 s ago, gone1 vanished 61 s ago, gone2 vanished 62 s ago and 2 others; 1 others receive."),
            (finding.Severity, finding.Sentence));
        Assert.Equal(RedisFindingSeverity.Degraded,
            Only(queue with { Receivers = [Gone(0)] }, RedisFindingIds.ReceiverVanished).Severity);

        static RedisReceiver Gone(int i) => Receiver($"gone{i}", silence: TimeSpan.FromSeconds(60 + i));
    }

    [Fact]
    public void Workers_are_too_few_only_if_all_of_them_are_busy_and_batches_wait()
    {
        var queue = Queue(x => x with { Ready = 900, Receivers = [Receiver("one", 10, 10, 3), Receiver("two", 10, 10, 2)] });

        var finding = Only(queue, RedisFindingIds.WorkersBusy);
        Assert.Equal("orders: all 20 workers are busy, 5 batches wait for one, and 900 messages in the queue.", finding.Sentence);
        Assert.Equal("mtq queue workers orders 20", finding.Command);
        AssertNone(queue with { Receivers = [Receiver("one", 10, 10, 3), Receiver("two", 9, 10, 0)] });
        AssertNone(queue with { Ready = 0 });
    }

    [Fact]
    public void Limits_are_judged_as_the_health_check_judges_them()
    {
        var options = new RedisHealthOptions { MaxReady = 10, MaxDeadLetters = 5 };
        var depths = new QueueDepths("orders", 11, 0, 1, 4, 2, TimeSpan.FromSeconds(3));
        var findings = QueueRules.Judge(QueueState.Of(depths), options).ToArray();

        Assert.Equal(
        [
            "orders: 11 messages wait (more than 10), the oldest for 3 s.",
            "orders: 6 dead letters (more than 5; 4 failed, 2 skipped).",
        ], findings.Select(x => x.Sentence));
        var state = Queue(x => x with
        {
            Ready = 11,
            DeadLetters = 6,
            History =
            [
                Minute(9, ready: 11, dead: 6), Minute(8, ready: 10, dead: 5), Minute(7, ready: 11, dead: 6), Minute(6, ready: 99, dead: 9),
            ],
        });
        Assert.All(QueueRules.Judge(state, options), x => Assert.Equal(Now - TimeSpan.FromMinutes(7), x.Since));
        Assert.Equal(RedisFindingIds.DeadLetters, Assert.Single(QueueRules.Judge(state with { IsPaused = true }, options)).Id);
    }

    [Fact]
    public void A_pause_is_told_of_after_a_while_and_more_than_a_note_when_it_seems_forgotten()
    {
        var options = new RedisHealthOptions();
        var control = Control(pausedFor: TimeSpan.FromMinutes(20)) with { PauseReason = "PSP\nis down", PausedUntil = Now.AddHours(1) };

        var note = Only(control, RedisFindingIds.QueuePaused);
        Assert.Equal((RedisFindingSeverity.Note, Now - TimeSpan.FromMinutes(20)), (note.Severity, note.Since));
        Assert.Equal("orders: paused by ops since 2026-03-01 02:40 UTC until 2026-03-01 04:00 UTC: PSP\uFFFDis down.", note.Sentence);
        Assert.Equal("mtq queue resume orders", note.Command);
        var forgotten = Only(Control(pausedFor: TimeSpan.FromMinutes(61)), RedisFindingIds.QueuePaused);
        Assert.Equal(RedisFindingSeverity.Degraded, forgotten.Severity);
        Assert.EndsWith("(longer than 60 min).", forgotten.Sentence, StringComparison.Ordinal);
        Assert.Empty(ControlRules.Judge(Queue(x => x with { Control = Control(pausedFor: TimeSpan.FromMinutes(14)) }), options));

        RedisFinding Only(ControlState state, string id)
        {
            var finding = Assert.Single(ControlRules.Judge(Queue(x => x with { Control = state, Receivers = [Receiver("one")] }), options));
            Assert.Equal(id, finding.Id);
            return finding;
        }
    }

    [Fact]
    public void Receivers_that_do_not_obey_are_named_once_they_have_had_time_to()
    {
        var control = Control() with { Version = 7, ChangedAt = Now - TimeSpan.FromMinutes(1) };
        var queue = Queue(x => x with
        {
            Control = control,
            Receivers =
            [
                Obeying("one", 1, 7), Obeying("old", 0, 0), Obeying("frozen", 1, 6), Obeying("gone", 1, 0, TimeSpan.FromMinutes(2)),
            ],
        });

        var finding = Assert.Single(ControlRules.Judge(queue, new RedisHealthOptions()));
        Assert.Equal((RedisFindingIds.ReceiverDisobeys, RedisFindingSeverity.Degraded, control.ChangedAt),
            (finding.Id, finding.Severity, finding.Since));
        Assert.Equal("orders: 2 of 3 receivers do not obey what dev has set: old (1.0.3), frozen (1.0.3).", finding.Sentence);
        Assert.Empty(ControlRules.Judge(queue with { Control = control with { ChangedAt = Now - TimeSpan.FromSeconds(5) } },
            new RedisHealthOptions()));

        static RedisReceiver Obeying(string pod, int protocol, long version, TimeSpan silence = default) => new()
        {
            InstanceId = pod,
            Queue = "orders",
            Pod = pod,
            Version = "1.0.3",
            IsAlive = silence == default,
            Protocol = protocol,
            ControlVersion = version,
        };
    }

    [Fact]
    public void What_is_set_and_differs_from_the_code_is_a_note()
    {
        var options = new RedisHealthOptions();
        var queue = Queue(x => x with
        {
            Control = Control() with { Limit = 1_000, Rate = 50, Workers = 5 },
            Receivers = [Receiver("one")],
        });

        var finding = Assert.Single(ControlRules.Judge(queue, options));
        Assert.Equal((RedisFindingIds.QueueOverridden, RedisFindingSeverity.Note), (finding.Id, finding.Severity));
        Assert.Equal("orders: dev has set at most 1,000 messages at work and at most 50 messages a second and 5 workers where the code "
            + "says 0.", finding.Sentence);
        Assert.Empty(ControlRules.Judge(queue with { Control = Control() with { Workers = 0 } }, options));
        Assert.Empty(ControlRules.Judge(queue with { Control = Control() }, options));
    }

    static ControlState Control(TimeSpan? pausedFor = null) =>
        new(Now, Now - pausedFor, null, null, null, null, 0, Now - TimeSpan.FromMinutes(30)) { PausedBy = "ops", ChangedBy = "dev" };

    [Fact]
    public void An_operation_that_has_stopped_itself_is_told_of_until_another_one_is_started()
    {
        var stopped = Operation("first", RedisOperationState.Stopped, TimeSpan.FromHours(2));

        var before = Operation("before", RedisOperationState.Done, TimeSpan.FromHours(9));
        var finding = Assert.Single(OperationRules.Judge([stopped, before], Now));
        Assert.Equal((RedisFindingIds.OperationStopped, RedisFindingSeverity.Degraded, stopped.UpdatedAt, "mtq ops show first"),
            (finding.Id, finding.Severity, finding.Since, finding.Command));
        Assert.StartsWith("orders_error: the replay of ops has stopped itself after 10 messages, of which 7 have failed again.",
            finding.Sentence, StringComparison.Ordinal);
        Assert.Empty(OperationRules.Judge([stopped, Operation("later", RedisOperationState.Running, TimeSpan.Zero)], Now));
        Assert.Empty(OperationRules.Judge([Operation("old", RedisOperationState.Stopped, TimeSpan.FromHours(25))], Now));

        static RedisOperation Operation(string id, RedisOperationState state, TimeSpan ago) => new()
        {
            Id = id,
            Kind = RedisOperationKind.Replay,
            Queue = "orders_error",
            Selection = "all",
            State = state,
            Done = 10,
            FailedAgain = 7,
            By = "ops",
            StartedAt = Now - ago,
            UpdatedAt = Now - ago,
        };
    }

    [Fact]
    public void A_server_that_is_nearly_full_is_a_note()
    {
        var server = new ServerFacts("db:6379", "noeviction", true) { UsedMemory = 95 << 20, MaxMemory = 100 << 20 };

        var finding = Assert.Single(ServerRules.Judge(server, new RedisHealthOptions(), 0));
        Assert.Equal((RedisFindingIds.ServerMemory, RedisFindingSeverity.Note), (finding.Id, finding.Severity));
        Assert.StartsWith("db:6379: 95 % of its maxmemory of 100 MiB are used.", finding.Sentence, StringComparison.Ordinal);
        Assert.Empty(ServerRules.Judge(server with { UsedMemory = 80 << 20 }, new RedisHealthOptions(), 0));
        Assert.Empty(ServerRules.Judge(server with { MaxMemory = 0 }, new RedisHealthOptions(), 0));
    }

    static QueueState Queue(Func<QueueState, QueueState> change) => change(new QueueState { Queue = "orders", Now = Now });

    static RedisFinding Only(QueueState queue, string id)
    {
        var finding = Assert.Single(TrendRules.Judge(queue));
        Assert.Equal((id, "orders"), (finding.Id, finding.Queue));
        Assert.NotEqual("", finding.Cure);
        return finding;
    }

    static void AssertNone(QueueState queue) => Assert.Empty(TrendRules.Judge(queue));

    static RedisReceiver Receiver(string pod, int active = 0, int limit = 10, int? waiting = null, TimeSpan silence = default) => new()
    {
        InstanceId = pod,
        Queue = "orders",
        Pod = pod,
        Protocol = 1,
        IsAlive = silence < TimeSpan.FromSeconds(30),
        Silence = silence,
        LastBeat = Now - silence,
        ActiveWorkers = active,
        WorkerLimit = limit,
        WaitingBatches = waiting,
    };

    static RedisQueueMinute Minute(int ago, long ready = 0, long dead = 0, int age = 0, long reclaimed = 0) => new()
    {
        Minute = Now - TimeSpan.FromMinutes(ago),
        Ready = ready,
        DeadLetters = dead,
        OldestAge = TimeSpan.FromMinutes(age),
        Reclaimed = reclaimed,
    };
}
