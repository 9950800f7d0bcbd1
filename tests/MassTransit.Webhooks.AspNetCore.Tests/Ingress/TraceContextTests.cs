using System.Diagnostics;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;

namespace MassTransit.Webhooks.AspNetCore.Tests.Ingress;

/// <summary>
/// Whoever knew the address of a receiver could once choose which of its webhooks were traced, join them to a trace of anybody's, and have
/// any text carried along in every message that came of them.
/// </summary>
public class TraceContextTests
{
    const string Secret = "a-secret-of-the-tests";
    const string Trace = "0af7651916cd43dd8448eb211c80319c";
    const string Parent = $"00-{Trace}-b7ad6b7169203331";

    static async Task<(Activity? Current, Activity? Own)> PostAsync(bool isTrusted, bool isRecorded, params (string, string)[] headers)
    {
        var name = $"trace{Guid.NewGuid():N}";
        Activity? own = null;
        using var listener = new ActivityListener
        {
            ShouldListenTo = x => x.Name is "Microsoft.AspNetCore" or "MassTransit.Webhooks",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                isRecorded ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.PropagationData,
            ActivityStopped = x => own = x.OperationName == $"webhook {name}" ? x : own,
        };
        ActivitySource.AddActivityListener(listener);
        await using var receivers = await Receivers.StartAsync(b =>
            b.Services.AddWebhookReceiver(name, r => r.GitHub(o => o.Secrets.Add(Secret)).Configure(o => o.TrustTraceContext = isTrusted)));
        Activity? current = null;
        receivers.Queue.Behave = _ =>
        {
            current = Activity.Current;
            return Task.CompletedTask;
        };
        (await receivers.PostAsync(name, "{}", [Sign.GitHub(Secret, "{}"), .. headers])).Is(202);
        return (current, own);
    }

    [Theory, InlineData("00"), InlineData("01")]
    public async Task Webhook_has_a_trace_of_its_own_that_is_linked_to_the_senders(string flags)
    {
        var (current, own) = await PostAsync(isTrusted: false, isRecorded: true, ("traceparent", $"{Parent}-{flags}"),
            ("tracestate", "a=b"), ("baggage", "user=mallory"));
        Assert.NotNull(current);
        Assert.Same(own, current);
        Assert.NotEqual(Trace, current.TraceId.ToString());
        Assert.Null(current.ParentId);
        Assert.Null(current.TraceStateString);
        Assert.Empty(current.Baggage);
        Assert.True(current.Recorded);
        var link = Assert.Single(current.Links).Context;
        Assert.Equal((Trace, "b7ad6b7169203331"), (link.TraceId.ToString(), link.SpanId.ToString()));
        Assert.Equal("accepted", current.GetTagItem("webhook.outcome"));
    }

    [Fact]
    public async Task Sender_cannot_have_a_webhook_recorded()
    {
        var (current, _) = await PostAsync(isTrusted: false, isRecorded: false, ("traceparent", $"{Parent}-01"));
        Assert.NotEqual(Trace, current?.TraceId.ToString());
        Assert.False(current?.Recorded);
    }

    [Fact]
    public async Task Baggage_without_a_trace_is_dropped_too()
    {
        var (current, own) = await PostAsync(isTrusted: false, isRecorded: true, ("baggage", "user=mallory"));
        Assert.NotNull(current);
        Assert.Empty(current.Baggage);
        // The request has begun a trace of this application: it is the webhook's.
        Assert.Null(own);
    }

    [Fact]
    public async Task Sender_that_is_trusted_goes_on_with_its_trace_and_its_baggage()
    {
        var (current, own) = await PostAsync(isTrusted: true, isRecorded: true, ("traceparent", $"{Parent}-01"), ("baggage", "user=alice"));
        Assert.Null(own);
        Assert.Equal(Trace, current?.TraceId.ToString());
        Assert.Equal("alice", current?.GetBaggageItem("user"));
    }
}
