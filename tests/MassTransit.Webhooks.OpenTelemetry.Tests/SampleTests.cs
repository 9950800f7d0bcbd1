using MassTransit.Webhooks.OpenTelemetry.Tests.Support;
using OtlpDump;
using OtlpDump.Decoding;
using OtlpDump.Receiving;

namespace MassTransit.Webhooks.OpenTelemetry.Tests;

/// <summary>What <c>samples/OtlpDump</c> writes for a Jaeger.</summary>
[Collection(Collections.OneByOne)]
public class SampleTests
{
    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Sample_writes_a_file_with_whole_traces(string protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await WebhookScenario.RunAsync(protocol == "grpc" ? receiver.GrpcEndpoint : receiver.HttpEndpoint, protocol);
        var path = Path.GetTempFileName();
        try
        {
            await receiver.WriteAsync(path);
            var spans = TraceReader.Read(await File.ReadAllBytesAsync(path));
            Assert.Equal(["accepted", "accepted", "signature-mismatch"],
                spans.Where(x => x.Kind == SpanKind.Server).Select(x => (string)x["webhook.outcome"]!).Order());
            Assert.Single(spans, x => x.Name == "order-hooks replay");
            Assert.Equal(2, spans.Count(x => x["webhook.result"] as string == "succeeded"));
            Assert.Empty(Shape.Orphans(spans));
            Assert.All(spans, x => Assert.Contains(x.Name, TraceTree.Print(spans, attributes: false), StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
