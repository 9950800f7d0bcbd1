using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Receiving;
using MassTransit.RedisTransport.Sending;
using MassTransit.Webhooks.Diagnostics;
using MassTransit.Webhooks.OpenTelemetry.Tests.Support;

namespace MassTransit.Webhooks.OpenTelemetry.Tests;

/// <summary>What traces cost where nobody wants them.</summary>
[Collection(Collections.OneByOne)]
public class CostTests
{
    const int Messages = 100_000;

    /// <summary>
    /// The smallest object has 24 bytes. Not zero: a collection that other threads cause may count what is left of this thread's 8 KB.
    /// </summary>
    const int LessThanAnObjectEach = Messages;

    [Fact]
    public void Nothing_is_allocated_where_nobody_listens()
    {
        Assert.False(TransportActivities.Source.HasListeners() || WebhookActivities.Source.HasListeners());
        // An application without traces has a current activity all the same, for its logs.
        using var activity = new Activity("request").Start();
        var batch = new List<WebhookContext> { new(new Webhook(), 0, 0, false) };
        var record = new MessageRecord();
        Run(batch, ref record);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Messages; i++)
            Run(batch, ref record);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, LessThanAnObjectEach);
    }

    [Fact]
    public void Nothing_is_allocated_for_what_is_sampled_out()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = x => x.Name is TransportActivities.SourceName or WebhookActivities.SourceName or "MassTransit",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.None,
        };
        ActivitySource.AddActivityListener(listener);
        using var activity = new Activity("request") { IsAllDataRequested = false }.Start();
        var batch = new List<WebhookContext> { new(new Webhook(), 0, 0, false) { Activity = activity } };
        var record = new MessageRecord();
        RunSampledOut(batch);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Messages; i++)
            RunSampledOut(batch);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, LessThanAnObjectEach);
    }

    [Fact]
    public void Sources_are_listened_to_by_their_names()
    {
        Assert.Contains(TransportActivities.SourceName, TelemetrySources.Activities);
        Assert.Contains(WebhookActivities.SourceName, TelemetrySources.Activities);
    }

    /// <summary>Nothing of what they would describe is looked at.</summary>
    static void Run(List<WebhookContext> batch, ref MessageRecord record)
    {
        SendActivity.OnSend(null!, 0, TimeSpan.Zero);
        ReceiveActivity.OnReceive(null!, 0);
        WebhookActivities.OnPublish(null!);
        WebhookActivities.OnConsume(null!);
        Assert.Null(WebhookActivities.Current);
        Assert.Null(BatchActivity.Start(batch, "queue", nameof(CostTests)));
        Assert.Null(ReceiveActivity.StartMove("queue", "queue_error", ref record));
        Assert.Null(ReplayActivity.Start("queue_error"));
    }

    static void RunSampledOut(List<WebhookContext> batch)
    {
        ReceiveActivity.OnReceive(null!, 0);
        WebhookActivities.OnConsume(null!);
        Assert.Null(BatchActivity.Start(batch, "queue", nameof(CostTests)));
    }
}
