using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.Webhooks.Tests.Bundles;

/// <summary>The lane alone, before a broker that a test plays.</summary>
public sealed class BundleLaneTests
{
    static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    static readonly AsyncLocal<string?> Local = new();

    readonly Broker _broker = new();

    [Fact]
    public async Task What_its_sender_has_given_up_is_not_sent()
    {
        var lane = Lane(Long);
        var underWay = FillLane(lane);
        using var impatient = new CancellationTokenSource();
        var givenUp = Enumerable.Range(0, 500).Select(x => lane.EnqueueAsync(Webhook($"given-up-{x}"), impatient.Token)).ToArray();
        var patient = Enumerable.Range(0, 50).Select(x => lane.EnqueueAsync(Webhook($"patient-{x}"), default)).ToArray();

        await impatient.CancelAsync();
        foreach (var task in givenUp)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        _broker.Answer();

        await Eventually.CompletesAsync(Task.WhenAll([.. underWay, .. patient]));
        Assert.DoesNotContain(_broker.Sent, x => x.StartsWith("given-up", StringComparison.Ordinal));
        Assert.Equal(50, _broker.Sent.Count(x => x.StartsWith("patient", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_has_waited_its_time_is_refused_and_not_sent_and_the_next_goes_at_once()
    {
        var limits = Limits(TimeSpan.FromMilliseconds(200));
        var lane = new BundleLane(_broker.PublishAsync, limits);
        var underWay = FillLane(lane);
        var waiting = Enumerable.Range(0, 2_000).Select(x => lane.EnqueueAsync(Webhook($"{x}"), default)).ToArray();

        foreach (var task in waiting)
        {
            var refusal = await Assert.ThrowsAsync<RefusedException>(() => Eventually.CompletesAsync(task));
            Assert.Contains("0.2 s", refusal.Message, StringComparison.Ordinal);
        }

        foreach (var task in underWay)
            await Assert.ThrowsAsync<RefusedException>(() => Eventually.CompletesAsync(task));
        Assert.Equal((0, 0L), (limits.Count, limits.Bytes));
        var inHand = _broker.Sent.Count;
        Assert.InRange(inHand, 2, 201);

        _broker.Answer();
        await Eventually.CompletesAsync(lane.EnqueueAsync(Webhook("after"), default));
        Assert.Equal(inHand + 1, _broker.Sent.Count);
    }

    [Fact]
    public async Task After_a_failure_nothing_is_sent_before_the_broker_answers()
    {
        var lane = Lane(TimeSpan.FromMilliseconds(200));
        _broker.Silence();
        foreach (var task in FillLane(lane))
            await Assert.ThrowsAsync<RefusedException>(() => Eventually.CompletesAsync(task));
        var before = _broker.Sent.Count;

        for (var round = 0; round < 3; round++)
        {
            var tasks = Enumerable.Range(0, 300).Select(x => lane.EnqueueAsync(Webhook($"{x}"), default)).ToArray();
            foreach (var task in tasks)
                await Assert.ThrowsAsync<RefusedException>(() => Eventually.CompletesAsync(task));
        }

        Assert.Equal(before, _broker.Sent.Count);
        _broker.Answer();
        await Eventually.CompletesAsync(
            Task.WhenAll(Enumerable.Range(0, 300).Select(x => lane.EnqueueAsync(Webhook($"after-{x}"), default))));
        Assert.Equal(before + 300, _broker.Sent.Count);
    }

    [Fact]
    public async Task Memory_is_bounded_by_number_and_by_bytes()
    {
        var limits = Limits(Long, maxCount: 10, maxBytes: 100_000);
        var lane = new BundleLane(_broker.PublishAsync, limits);
        // What is under way in a group is in memory too.
        var taken = FillLane(lane).Concat(Enumerable.Range(0, 9).Select(x => lane.EnqueueAsync(Webhook($"{x}"), default))).ToList();
        var tooMany = await Assert.ThrowsAsync<RefusedException>(() => lane.EnqueueAsync(Webhook("many"), default));
        Assert.Contains("10 webhooks", tooMany.Message, StringComparison.Ordinal);
        _broker.Answer();
        await Eventually.CompletesAsync(Task.WhenAll(taken));
        Assert.Equal((0, 0L), (limits.Count, limits.Bytes));

        _broker.Silence();
        taken = [.. FillLane(lane), lane.EnqueueAsync(Webhook("large") with { Body = new byte[60_000] }, default)];
        await Assert.ThrowsAsync<RefusedException>(() => lane.EnqueueAsync(Webhook("much") with { Body = new byte[60_000] }, default));
        _broker.Answer();
        await Eventually.CompletesAsync(Task.WhenAll(taken));
        Assert.Equal((0, 0L), (limits.Count, limits.Bytes));
        Assert.DoesNotContain(_broker.Sent, x => x is "many" or "much");
    }

    [Fact]
    public async Task Publish_that_nobody_waits_for_any_more_is_told_so()
    {
        var lane = Lane(Long);
        using var impatient = new CancellationTokenSource();
        var alone = lane.EnqueueAsync(Webhook("alone"), impatient.Token);
        var together = Enumerable.Range(0, 5).Select(x => lane.EnqueueAsync(Webhook($"{x}"), impatient.Token)).ToArray();
        Assert.Equal(2, _broker.UnderWay.Count);

        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        foreach (var task in together)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        await Eventually.TrueAsync(() => _broker.UnderWay.All(x => x.IsCancellationRequested), message: "the transport to be told");
        _broker.Answer();
        await Eventually.CompletesAsync(lane.EnqueueAsync(Webhook("next"), default));
    }

    [Fact]
    public async Task Large_webhook_travels_alone()
    {
        var lane = Lane(Long);
        var tasks = FillLane(lane);
        tasks = [.. tasks, lane.EnqueueAsync(Webhook("a"), default),
            lane.EnqueueAsync(Webhook("large") with { Body = new byte[WebhookBundle.MaxBytes] }, default),
            lane.EnqueueAsync(Webhook("b"), default), lane.EnqueueAsync(Webhook("c"), default)];
        _broker.Answer();

        await Eventually.CompletesAsync(Task.WhenAll(tasks));
        Assert.Contains(_broker.Groups, x => x is ["large"]);
        Assert.Contains(_broker.Groups, x => x is ["b", "c"]);
    }

    /// <summary>
    /// A lane under load never ends: all that it published hung below the activity and the locals of whoever had come first.
    /// </summary>
    [Fact]
    public async Task What_travels_together_sees_neither_the_activity_nor_the_locals_of_a_sender()
    {
        var lane = Lane(Long);
        using var activity = new Activity("the first sender's").Start();
        Local.Value = "the first sender's";
        var tasks = FillLane(lane);
        Activity.Current = null;
        tasks = [.. tasks, .. Enumerable.Range(0, 300).Select(x => lane.EnqueueAsync(Webhook($"{x}"), default))];
        _broker.Answer();
        await Eventually.CompletesAsync(Task.WhenAll(tasks));

        // Whoever is alone publishes within his own.
        Assert.Equal(("the first sender's", activity), _broker.Contexts.First());
        Assert.All(_broker.Contexts.Skip(1), x => Assert.Null(x.Local));
        Assert.All(_broker.Contexts.Skip(2), x => Assert.Null(x.Activity));
    }

    /// <summary>
    /// Whoever is recorded travels alone. A publish outside of any activity would be a trace of its own, and be sampled again.
    /// </summary>
    [Fact]
    public async Task What_sampled_out_senders_share_is_sampled_out()
    {
        var lane = Lane(Long);
        using var activity = new Activity("sampled out").Start();
        var tasks = FillLane(lane);
        _broker.Answer();
        await Eventually.CompletesAsync(Task.WhenAll(tasks));

        var shared = _broker.Contexts.Last().Activity;
        Assert.NotNull(shared);
        Assert.NotSame(activity, shared);
        Assert.Equal(activity.TraceId, shared.TraceId);
        Assert.False(shared.Recorded);
    }

    /// <summary>The broker may answer in the moment in which a sender is told that it did not.</summary>
    [Fact]
    public async Task What_was_refused_while_the_broker_was_asked_is_not_sent_when_it_answers()
    {
        var lane = Lane(TimeSpan.FromMilliseconds(100));
        _broker.Silence();
        foreach (var task in FillLane(lane))
            await Assert.ThrowsAsync<RefusedException>(() => Eventually.CompletesAsync(task));
        var refused = Enumerable.Range(0, 50).Select(x => lane.EnqueueAsync(Webhook($"refused-{x}"), default)).ToArray();
        // The sender itself lets the broker answer: nothing is between the two.
        var answering = refused[1]
            .ContinueWith(_ => _broker.Answer(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

        foreach (var task in refused)
            await Record.ExceptionAsync(() => Eventually.CompletesAsync(task));
        await Eventually.CompletesAsync(answering);
        await Eventually.CompletesAsync(lane.EnqueueAsync(Webhook("after"), default));

        var failed = Enumerable.Range(0, 50).Where(x => refused[x].IsFaulted).Select(x => $"refused-{x}");
        Assert.Contains("refused-1", failed);
        Assert.Empty(_broker.Sent.Intersect(failed));
    }

    BundleLane Lane(TimeSpan timeout) => new(_broker.PublishAsync, Limits(timeout));

    PublishLimits Limits(TimeSpan timeout, int maxCount = PublishLimits.DefaultMaxCount, long maxBytes = PublishLimits.DefaultMaxBytes) =>
        new(timeout, _broker.PingAsync, static (message, cause) => new RefusedException(message, cause), maxCount, maxBytes);

    /// <summary>All that the lane has under way at a time: the next waits.</summary>
    static Task[] FillLane(BundleLane lane) =>
        [lane.EnqueueAsync(Webhook("first"), default), lane.EnqueueAsync(Webhook("second"), default)];

    static Webhook Webhook(string id) => new() { Id = id };

    sealed class RefusedException(string message, Exception? cause) : Exception(message, cause);

    /// <summary>Confirms nothing, and answers nothing, until it is told to.</summary>
    sealed class Broker
    {
        volatile TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<string[]> Groups { get; } = new();

        public IReadOnlyList<string> Sent => [.. Groups.SelectMany(x => x)];

        public ConcurrentQueue<CancellationToken> UnderWay { get; } = new();

        public ConcurrentQueue<(string? Local, Activity? Activity)> Contexts { get; } = new();

        public Task PublishAsync(IReadOnlyList<Webhook> webhooks, CancellationToken cancellationToken)
        {
            Groups.Enqueue([.. webhooks.Select(x => x.Id)]);
            UnderWay.Enqueue(cancellationToken);
            Contexts.Enqueue((BundleLaneTests.Local.Value, Activity.Current));
            // As a transport that does not look at its token.
            return _answer.Task;
        }

        public Task PingAsync(CancellationToken cancellationToken) => _answer.Task;

        public void Answer() => _answer.TrySetResult();

        public void Silence() => _answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
