using System.Diagnostics;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Inspection;
using MassTransit.Webhooks.OpenTelemetry.Tests.Support;

namespace MassTransit.Webhooks.OpenTelemetry.Tests;

[Collection(Collections.OneByOne)]
public class ReplayTests
{
    [Fact]
    public void Replay_of_many_links_to_as_many_as_are_exported()
    {
        var (operation, messages) = Replay(200, traced: true);
        Assert.Equal(128, operation.Links.Count());
        Assert.Equal(200, messages.Select(x => x.TraceId).Distinct().Count());
        Assert.All(messages, x => Assert.Equal(operation.Context, Assert.Single(x.Links).Context));
        Assert.Equal(200L, operation.GetTagItem("messaging.batch.message_count"));
    }

    [Fact]
    public void Message_that_was_never_traced_joins_the_trace_of_its_replay()
    {
        var (operation, messages) = Replay(2, traced: false);
        Assert.All(messages, x => Assert.Equal((operation.TraceId, operation.SpanId), (x.TraceId, x.ParentSpanId)));
        Assert.Empty(operation.Links);
    }

    static (Activity Operation, Activity[] Messages) Replay(int count, bool traced)
    {
        var stopped = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = x => x.Name == TransportActivities.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using (var replay = ReplayActivity.Start("q_error"))
        {
            Assert.NotNull(replay);
            var messages = Enumerable.Range(0, count).Select(_ => replay.StartMessage(new RedisDeadLetter
            {
                Key = "",
                Queue = "q_error",
                OriginalQueue = "q",
                Headers = new Dictionary<string, object>(),
                ActivityId = traced ? $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01" : null,
            })).ToArray();
            replay.Replayed(count);
            foreach (var message in messages)
                message?.Dispose();
        }

        Assert.Null(Activity.Current);
        return (Assert.Single(stopped, x => x.Kind == ActivityKind.Client), [.. stopped.Where(x => x.Kind == ActivityKind.Producer)]);
    }
}
