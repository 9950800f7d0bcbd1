using System.Diagnostics;
using System.Net;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.OpenTelemetry.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OtlpDump.Decoding;
using OtlpDump.Receiving;

namespace MassTransit.Webhooks.OpenTelemetry.Tests;

/// <summary>What the standard variables and the caller decide.</summary>
[Collection(Collections.OneByOne)]
public class SettingsTests
{
    [SkippableFact]
    public async Task Trace_of_the_caller_is_gone_on_with()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var (traceId, spanId) = (ActivityTraceId.CreateRandom().ToHexString(), ActivitySpanId.CreateRandom().ToHexString());
        var queue = await RunAsync(TraceApp.Settings(receiver), $"00-{traceId}-{spanId}-01");

        var spans = receiver.Spans;
        var request = Assert.Single(spans, x => x.Kind == SpanKind.Server);
        Assert.Equal((traceId, spanId), (request.TraceId, request.ParentId));
        Assert.All(spans, x => Assert.Equal(traceId, x.TraceId));
        Assert.Single(spans, x => x.Name == $"{queue} batch");
        Assert.Empty(Shape.Orphans(spans, known: spanId));
    }

    [SkippableFact]
    public async Task Caller_that_sampled_out_is_followed_to_the_processor()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await RunAsync(TraceApp.Settings(receiver), $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-00");
        Assert.Empty(receiver.Spans);
    }

    [SkippableFact]
    public async Task Failure_that_is_sampled_out_exports_nothing_up_to_its_replay()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var server = await Servers.AnyAsync();
        var shop = new OneByOne(_ => throw new TimeoutException("The shop is closed."));
        await using (var app = await TraceApp.StartAsync(server, TraceApp.Settings(receiver), shop))
        {
            Assert.Equal(HttpStatusCode.Accepted,
                await app.PostAsync("d-1", traceParent: $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-00"));
            await Eventually.TrueAsync(async () => (await app.DeadLetters.ListAsync($"{app.Queue}_error")).Entries.Count == 1);
            shop.Answer = _ => WebhookResult.Success();
            await app.DeadLetters.ReplayAllAsync($"{app.Queue}_error");
            await Eventually.TrueAsync(() => shop.Seen == 5);
        }

        // The operation is the operator's own, and was not sampled out.
        Assert.EndsWith("_error replay", Assert.Single(receiver.Spans).Name, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("OTEL_TRACES_SAMPLER", "always_off")]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_TRACES_EXPORTER", "none")]
    public async Task Nothing_is_sent_where_a_variable_says_so(string variable, string value)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = TraceApp.Settings(receiver);
        settings[variable] = value;
        await RunAsync(settings);
        Assert.Empty(receiver.Requests);
    }

    [SkippableTheory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Endpoint_that_is_down_holds_nothing_up(string protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = TraceApp.Settings(receiver, protocol);
        await receiver.DisposeAsync();
        settings["OTEL_EXPORTER_OTLP_TIMEOUT"] = "500";
        await Eventually.CompletesAsync(RunAsync(settings));
    }

    [SkippableFact]
    public async Task Without_an_endpoint_webhooks_are_processed_and_nothing_is_exported()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = TraceApp.Settings(receiver);
        settings.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");
        await RunAsync(settings);
        Assert.Equal((0, 0), (receiver.Requests.Count, receiver.OtherRequests));
    }

    [SkippableFact]
    public async Task Metrics_are_sent_beside_traces()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await RunAsync(TraceApp.Settings(receiver));
        Assert.NotEqual(0, receiver.OtherRequests);
    }

    [Theory]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://localhost:4317")]
    [InlineData(true, "OTEL_TRACES_EXPORTER=otlp")]
    [InlineData(true, "OTEL_TRACES_EXPORTER=console, otlp")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://localhost:4317")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317;OTEL_TRACES_EXPORTER=none")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT=")]
    [InlineData(false, "")]
    public void Exporter_is_added_where_it_is_asked_for(bool expected, string variables)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(variables.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(x => x.Split('=')).Select(x => KeyValuePair.Create(x[0], (string?)x[1]))).Build();
        Assert.Equal(expected, ExporterSettings.Read(new ServiceCollection().AddSingleton<IConfiguration>(configuration)).ExportTraces);
        Assert.Equal(expected,
            ExporterSettings.Read(new ServiceCollection().AddSingleton<IConfiguration>(_ => configuration)).ExportTraces);
    }

    [Fact]
    public void Configuration_that_needs_the_container_is_passed_over()
    {
        var services = new ServiceCollection().AddSingleton<IConfiguration>(x => x.GetRequiredService<IConfigurationRoot>());
        Assert.NotNull(ExporterSettings.Read(services));
    }

    static async Task<string> RunAsync(Dictionary<string, string?> settings, string? traceParent = null)
    {
        var server = await Servers.AnyAsync();
        var processor = new OneByOne(_ => WebhookResult.Success());
        await using var app = await TraceApp.StartAsync(server, settings, processor);
        Assert.Equal(HttpStatusCode.Accepted, await app.PostAsync("d-1", traceParent: traceParent));
        await Eventually.TrueAsync(() => processor.Seen == 1);
        return app.Queue;
    }
}
