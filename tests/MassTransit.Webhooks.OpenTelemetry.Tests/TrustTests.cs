using System.Diagnostics;
using System.Net;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.OpenTelemetry.Tests.Support;
using OtlpDump.Decoding;
using OtlpDump.Receiving;

namespace MassTransit.Webhooks.OpenTelemetry.Tests;

/// <summary>Senders are strangers: which trace a webhook belongs to, and whether it is recorded, is not theirs to say.</summary>
[Collection(Collections.OneByOne)]
public class TrustTests
{
    [SkippableTheory]
    [InlineData("01", "POST /webhooks/{receiver} Server Unset links 1")]
    [InlineData("00", "")]
    public async Task Webhook_of_a_stranger_has_a_trace_of_its_own_that_is_linked_to_the_strangers(string flags, string request)
    {
        var trace = ActivityTraceId.CreateRandom().ToString();
        var (spans, queue) = await RunAsync($"00-{trace}-{ActivitySpanId.CreateRandom()}-{flags}");
        Assert.Equal(request, Shape.Of(spans, trace, queue));
        var own = Assert.Single(spans, x => x.Name == "webhook github");
        Assert.Equal("""
            webhook github Internal Unset links 1
              MassTransit.Webhooks:Webhook send Producer Ok
                q receive Consumer Ok
                  q process Consumer Ok attempt 0 redelivery 0 succeeded
                    q batch Consumer Unset
            """, Shape.Of(spans, own.TraceId, queue));
        Assert.Equal(trace, Assert.Single(own.Links).TraceId);
        Assert.Equal(("d-1", "accepted"), (own["webhook.id"], own["webhook.outcome"]));
        if (flags == "01")
            Assert.Equal(new SpanLink(own.TraceId, own.SpanId), Assert.Single(Assert.Single(spans, x => x.Kind == SpanKind.Server).Links));
    }

    [SkippableTheory]
    [InlineData("always_off", null)]
    [InlineData("parentbased_always_off", null)]
    [InlineData("parentbased_traceidratio", "0")]
    public async Task Stranger_cannot_have_recorded_what_is_sampled_out(string sampler, string? argument)
    {
        var (spans, _) = await RunAsync($"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01", sampler, argument);
        Assert.Empty(spans);
    }

    static async Task<(IReadOnlyList<Span> Spans, string Queue)> RunAsync(string traceParent, string? sampler = null,
        string? argument = null)
    {
        var server = await Servers.AnyAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = TraceApp.Settings(receiver);
        settings["OTEL_TRACES_SAMPLER"] = sampler;
        settings["OTEL_TRACES_SAMPLER_ARG"] = argument;
        var processor = new OneByOne(_ => WebhookResult.Success());
        string queue;
        await using (var app = await TraceApp.StartAsync(server, settings, processor, trust: false))
        {
            queue = app.Queue;
            Assert.Equal(HttpStatusCode.Accepted, await app.PostAsync("d-1", traceParent: traceParent));
            await Eventually.TrueAsync(() => processor.Seen == 1);
        }

        return (receiver.Spans, queue);
    }
}
