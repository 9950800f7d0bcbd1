using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.OpenTelemetry.Tests.Support;
using OtlpDump.Decoding;
using OtlpDump.Receiving;

namespace MassTransit.Webhooks.OpenTelemetry.Tests;

/// <summary>Several webhooks in one batch: many parents, no common trace.</summary>
[Collection(Collections.OneByOne)]
public class BatchTests
{
    const int Size = 3;

    [SkippableFact]
    public async Task Batch_links_to_every_webhook_in_it_and_each_links_back()
    {
        var (spans, queue) = await RunAsync(new Bulk(batch =>
            [.. batch.Select(x => x.Webhook.Id == "d-2" ? WebhookResult.Fail("Not ours.") : WebhookResult.Success())]));

        var batch = Assert.Single(spans, x => x.Name == $"{queue} batch");
        Assert.Equal("", batch.ParentId);
        Assert.Equal(SpanStatus.Unset, batch.Status);
        Assert.Equal((3L, 2L, 1L),
            (batch["messaging.batch.message_count"], batch["webhook.batch.succeeded"], batch["webhook.batch.failed"]));

        var attempts = spans.Where(x => x.Name == $"{queue} process").ToArray();
        Assert.Equal(Size, attempts.Select(x => x.TraceId).Distinct().Count());
        Assert.Equal(attempts.Select(x => new SpanLink(x.TraceId, x.SpanId)).ToHashSet(), batch.Links.ToHashSet());
        Assert.All(attempts, x => Assert.Equal([new SpanLink(batch.TraceId, batch.SpanId)], x.Links));
        Assert.Equal([("d-1", "succeeded"), ("d-2", "failed"), ("d-3", "succeeded")],
            attempts.Select(x => ((string)x["webhook.id"]!, (string)x["webhook.result"]!)).Order());

        // What gives it up is its own failure: in its own trace, once.
        var failed = Assert.Single(attempts, x => x.Status == SpanStatus.Error);
        Assert.Equal(("d-2", "Not ours."), (failed["webhook.id"], failed["webhook.reason"]));
        Assert.Equal("MassTransit.Webhooks.WebhookFailedException", Assert.Single(failed.Events).Attributes["exception.type"]);
        Assert.Single(spans, x => x.Name == $"{queue}_error move" && x.TraceId == failed.TraceId);
        Assert.Single(spans.SelectMany(x => x.Events), x => x.Name == "exception");
        Assert.Empty(Shape.Orphans(spans));
    }

    [SkippableFact]
    public async Task Exception_of_a_whole_batch_is_recorded_once_and_there()
    {
        var (spans, queue) = await RunAsync(new Bulk(batch => batch.Count > 1
            ? throw new InvalidOperationException("The bulk request failed.")
            : [WebhookResult.Success()]));

        var batch = Assert.Single(spans, x => x.Name == $"{queue} batch");
        Assert.Equal(SpanStatus.Error, batch.Status);
        Assert.Equal("The bulk request failed.", Assert.Single(batch.Events).Attributes["exception.message"]);
        Assert.Equal(3L, batch["webhook.batch.succeeded"]);
        Assert.All(spans.Where(x => x.Name == $"{queue} process"), x => Assert.Equal((SpanStatus.Ok, 0), (x.Status, x.Events.Count)));
    }

    [SkippableFact]
    public async Task Exception_of_a_batch_of_one_is_recorded_once_on_its_attempt()
    {
        var (spans, queue) = await RunAsync(new Bulk(_ => throw new InvalidOperationException("The bulk request failed.")), size: 1);

        var attempt = Assert.Single(spans, x => x.Name == $"{queue} process");
        Assert.Equal("The bulk request failed.", Assert.Single(attempt.Events).Attributes["exception.message"]);
        var batch = Assert.Single(spans, x => x.Name == $"{queue} batch");
        Assert.Equal((SpanStatus.Error, attempt.SpanId), (batch.Status, batch.ParentId));
        Assert.Single(spans.SelectMany(x => x.Events), x => x.Name == "exception");
    }

    [SkippableFact]
    public async Task What_is_done_for_one_webhook_is_in_its_own_trace()
    {
        var current = new ConcurrentDictionary<string, string>();
        var (spans, queue) = await RunAsync(new OneByOne(x =>
        {
            current[x.Webhook.Id] = Activity.Current!.SpanId.ToHexString();
            return WebhookResult.Success();
        }));

        Assert.Equal(Size, current.Count);
        Assert.All(spans.Where(x => x.Name == $"{queue} process"), x => Assert.Equal(x.SpanId, current[(string)x["webhook.id"]!]));
    }

    [SkippableFact]
    public async Task What_is_done_for_a_batch_is_in_its_trace()
    {
        string? current = null;
        var (spans, queue) = await RunAsync(new Bulk(batch =>
        {
            current = Activity.Current!.SpanId.ToHexString();
            return [.. batch.Select(_ => WebhookResult.Success())];
        }));

        Assert.Equal(Assert.Single(spans, x => x.Name == $"{queue} batch").SpanId, current);
    }

    [SkippableTheory]
    [InlineData(2, 1)]
    [InlineData(0, 0)]
    public async Task Batch_is_sampled_when_one_of_its_webhooks_is(int sampled, int batches)
    {
        var (spans, queue) = await RunAsync(new Bulk(batch => [.. batch.Select(_ => WebhookResult.Success())]),
            i => $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-{(i < sampled ? "01" : "00")}");

        Assert.Equal(sampled, spans.Count(x => x.Kind == SpanKind.Server));
        var attempts = spans.Where(x => x.Name == $"{queue} process").ToArray();
        Assert.Equal(sampled, attempts.Length);
        Assert.Equal(batches, spans.Count(x => x.Name == $"{queue} batch"));
        Assert.All(spans.Where(x => x.Name == $"{queue} batch"), x =>
        {
            Assert.Equal(3L, x["messaging.batch.message_count"]);
            Assert.Subset(x.Links.ToHashSet(), attempts.Select(y => new SpanLink(y.TraceId, y.SpanId)).ToHashSet());
        });
    }

    /// <summary>Webhooks that make one batch, and everything that came of them.</summary>
    static async Task<(IReadOnlyList<Span> Spans, string Queue)> RunAsync(IWebhookProcessor processor,
        Func<int, string>? traceParent = null, int size = Size)
    {
        var server = await Servers.AnyAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        string queue;
        await using (var app = await TraceApp.StartAsync(server, TraceApp.Settings(receiver), processor, p =>
        {
            p.BatchSize = size;
            p.BatchTimeLimit = TimeSpan.FromSeconds(10);
            p.Retry(r => r.None());
            p.Redelivery(r => r.None());
        }))
        {
            queue = app.Queue;
            for (var i = 0; i < size; i++)
                Assert.Equal(HttpStatusCode.Accepted, await app.PostAsync($"d-{i + 1}", traceParent: traceParent?.Invoke(i)));
            await Eventually.TrueAsync(() => app.Statistics is { } x && x.Succeeded + x.Failed + x.Retried == size);
        }

        return (receiver.Spans, queue);
    }
}
