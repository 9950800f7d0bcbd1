using System.Net;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.OpenTelemetry.Tests.Support;
using OtlpDump.Decoding;
using OtlpDump.Receiving;

namespace MassTransit.Webhooks.OpenTelemetry.Tests;

/// <summary>
/// One webhook's life as an exporter sends it over a socket: taken in, retried, redelivered, dead-lettered, replayed, done.
/// </summary>
[Collection(Collections.OneByOne)]
public class WebhookLifeTests
{
    const string Life = """
        POST /webhooks/{receiver} Server Unset
          MassTransit.Webhooks:Webhook send Producer Ok
            q receive Consumer Ok
              q process Consumer Error attempt 0 redelivery 0 retry exceptions 1
                q batch Consumer Unset
              q process Consumer Error attempt 1 redelivery 0 retry exceptions 1
                q batch Consumer Unset
              q send Producer Ok
                q receive Consumer Ok
                  q process Consumer Error attempt 0 redelivery 1 retry exceptions 1
                    q batch Consumer Unset
                  q process Consumer Error attempt 1 redelivery 1 retry exceptions 1
                    q batch Consumer Unset
                  MassTransit:Fault--MassTransit.Webhooks:Webhook-- send Producer Ok
                  q_error move Producer Unset
                    q replay Producer Unset links 1
                      q receive Consumer Ok
                        q process Consumer Ok attempt 0 redelivery 0 succeeded
                          q batch Consumer Unset
        """;

    [SkippableTheory]
    [InlineData("redis-server", "grpc")]
    [InlineData("redis-server", "http/protobuf")]
    [InlineData("embedded", "grpc")]
    [InlineData("embedded", "http/protobuf")]
    public async Task One_trace_tells_a_webhooks_whole_life(string serverName, string protocol)
    {
        var server = await Servers.GetAsync(serverName);
        await using var receiver = await OtlpReceiver.StartAsync();
        const string body = """{"order":"THE-BODY-OF-THE-WEBHOOK"}""";
        string queue;
        await using (var app = await LiveAsync(server, receiver, protocol, body))
            queue = app.Queue;

        var spans = receiver.Spans;
        var request = Assert.Single(spans, x => x.Kind == SpanKind.Server);
        Assert.Equal(Life, Shape.Of(spans, request.TraceId, queue));
        Assert.Empty(Shape.Orphans(spans));
        Assert.All(spans, x => Assert.Equal("webhook-tests", x.Service));

        // The operation is in its own trace; the message's way back in that of the message, linked to it.
        var operation = Assert.Single(spans, x => x.Name == $"{queue}_error replay");
        var replayed = Assert.Single(spans, x => x.Name == $"{queue} replay");
        Assert.NotEqual(request.TraceId, operation.TraceId);
        Assert.Equal([new SpanLink(operation.TraceId, operation.SpanId)], replayed.Links);
        Assert.Equal([new SpanLink(replayed.TraceId, replayed.SpanId)], operation.Links);

        var raw = receiver.Requests.SelectMany(x => x).ToArray();
        foreach (var hidden in new[] { "THE-BODY-OF-THE-WEBHOOK", TraceApp.Secret, TraceApp.Sign(body),
            TraceApp.Sign(body)["sha256=".Length..], "QUERY-TOKEN" })
            Assert.False(raw.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(hidden)) >= 0, hidden);
    }

    [SkippableFact]
    public async Task Spans_carry_the_conventions_attributes_and_the_webhooks_own()
    {
        var server = await Servers.AnyAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        string queue;
        await using (var app = await LiveAsync(server, receiver, "grpc", "{}"))
            queue = app.Queue;

        var spans = receiver.Spans;
        var request = Assert.Single(spans, x => x.Kind == SpanKind.Server);
        var id = Assert.IsType<string>(request["messaging.message.id"]);
        Has(request, ("webhook.receiver", "github"), ("webhook.outcome", "accepted"), ("webhook.id", "d-1"),
            ("webhook.event_type", "order.paid"),
            ("webhook.tenant", "acme"), ("webhook.priority", 5L), ("messaging.message.id", id), ("http.response.status_code", 202L));
        Assert.Contains(request.Events, x => x.Name == "webhook.verified");

        Has(Assert.Single(spans, x => x.Name == "MassTransit.Webhooks:Webhook send"), ("messaging.system", "redis"),
            ("messaging.message.id", id),
            ("messaging.destination.name", "MassTransit.Webhooks:Webhook"), ("messaging.operation.name", "send"),
            ("messaging.operation.type", "send"),
            ("messaging.redis.message.priority", 5L));
        Has(Assert.Single(spans, x => x.Name == $"{queue} send"), ("messaging.redis.message.delay_ms", 200L),
            ("messaging.destination.name", queue),
            ("messaging.redis.message.priority", 5L), ("messaging.message.id", id));

        var received = spans.Where(x => x.Name == $"{queue} receive").OrderBy(x => x.Start).ToArray();
        Assert.All(received, x => Has(x, ("messaging.system", "redis"), ("messaging.message.id", id), ("messaging.destination.name", queue),
            ("messaging.operation.name", "receive"), ("messaging.operation.type", "receive"), ("messaging.redis.message.priority", 5L),
            ("messaging.redis.message.delivery_count", 1L)));
        Assert.Equal([null, 1L, null], received.Select(x => x["messaging.redis.message.redelivery_count"]));

        var attempts = spans.Where(x => x.Name == $"{queue} process").ToArray();
        Assert.All(attempts, x => Has(x, ("messaging.system", "redis"), ("messaging.message.id", id), ("messaging.destination.name", queue),
            ("messaging.operation.name", "process"), ("messaging.operation.type", "process"), ("webhook.receiver", "github"),
            ("webhook.event_type", "order.paid"), ("webhook.id", "d-1"), ("webhook.tenant", "acme")));
        Assert.All(attempts.Where(x => x.Status == SpanStatus.Error), x =>
        {
            Assert.Equal("The shop is closed.", x.StatusMessage);
            Assert.Equal("System.TimeoutException", Assert.Single(x.Events).Attributes["exception.type"]);
        });
        Assert.All(spans.Where(x => x.Name == $"{queue} batch"),
            x => Has(x, ("messaging.system", "redis"), ("messaging.batch.message_count", 1L),
            ("messaging.destination.name", queue), ("messaging.operation.type", "process"), ("webhook.processor", "Forward")));

        Has(Assert.Single(spans, x => x.Name == $"{queue}_error move"), ("messaging.system", "redis"),
            ("messaging.destination.name", $"{queue}_error"),
            ("messaging.redis.source.name", queue), ("messaging.operation.type", "send"), ("messaging.operation.name", "move"),
            ("messaging.message.id", id),
            ("error.type", "System.TimeoutException"), ("messaging.redis.dead_letter.reason", "fault"));
        Has(Assert.Single(spans, x => x.Name == $"{queue} replay"), ("messaging.system", "redis"), ("messaging.destination.name", queue),
            ("messaging.redis.source.name", $"{queue}_error"), ("messaging.redis.message.replay_count", 1L),
            ("messaging.redis.message.priority", 5L),
            ("messaging.operation.name", "replay"), ("messaging.message.id", id));
        Has(Assert.Single(spans, x => x.Name == $"{queue}_error replay"), ("messaging.batch.message_count", 1L),
            ("messaging.operation.name", "replay"));
    }

    [SkippableFact]
    public async Task Written_file_is_the_same_tree()
    {
        var server = await Servers.AnyAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        string queue;
        await using (var app = await LiveAsync(server, receiver, "http/protobuf", "{}"))
            queue = app.Queue;

        var path = Path.Combine(Path.GetTempPath(), $"{queue}.otlp");
        try
        {
            await receiver.WriteAsync(path);
            var file = await File.ReadAllBytesAsync(path);
            Assert.Equal(TraceTree.Print(receiver.Spans), TraceTree.Print(TraceReader.Read(file)));

            // What an exporter can send, a collector can be sent: the file, as curl would.
            await using var other = await OtlpReceiver.StartAsync();
            using var client = new HttpClient();
            using var content = new ByteArrayContent(file);
            content.Headers.ContentType = new("application/x-protobuf");
            using var response = await client.PostAsync(other.HttpEndpoint + "/v1/traces", content);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(Life, Shape.Of(other.Spans, Assert.Single(other.Spans, x => x.Kind == SpanKind.Server).TraceId, queue));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [SkippableFact]
    public async Task Attempt_that_the_processor_puts_off_goes_on_in_the_same_trace()
    {
        var server = await Servers.AnyAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        var shop = new OneByOne(x => x.RedeliveryCount == 0
            ? WebhookResult.Retry(TimeSpan.FromMilliseconds(100), "The shop is busy.") : WebhookResult.Success());
        string queue;
        await using (var app = await TraceApp.StartAsync(server, TraceApp.Settings(receiver), shop))
        {
            queue = app.Queue;
            Assert.Equal(HttpStatusCode.Accepted, await app.PostAsync("d-1"));
            await Eventually.TrueAsync(() => shop.Seen == 2);
        }

        var spans = receiver.Spans;
        Assert.Equal("""
            POST /webhooks/{receiver} Server Unset
              MassTransit.Webhooks:Webhook send Producer Ok
                q receive Consumer Ok
                  q process Consumer Ok attempt 0 redelivery 0 retry
                    q batch Consumer Unset
                    q send Producer Ok
                      q receive Consumer Ok
                        q process Consumer Ok attempt 0 redelivery 1 succeeded
                          q batch Consumer Unset
            """, Shape.Of(spans, Assert.Single(spans, x => x.Kind == SpanKind.Server).TraceId, queue));
        Has(Assert.Single(spans, x => x["webhook.result"] is "retry"), ("webhook.reason", "The shop is busy."),
            ("webhook.retry_after_ms", 100L));
    }

    [SkippableFact]
    public async Task Refused_webhook_is_a_request_that_says_why()
    {
        var server = await Servers.AnyAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var app = await TraceApp.StartAsync(server, TraceApp.Settings(receiver)))
            Assert.Equal(HttpStatusCode.Unauthorized, await app.PostAsync("d-1", "THE-BODY", secret: "ANOTHER-SECRET"));

        var request = Assert.Single(receiver.Spans);
        Has(request, ("webhook.receiver", "github"), ("webhook.outcome", "signature-mismatch"), ("http.response.status_code", 401L));
        Assert.Equal("webhook.not_verified", Assert.Single(request.Events).Name);
        var raw = receiver.Requests.SelectMany(x => x).ToArray();
        foreach (var hidden in new[] { "THE-BODY", "ANOTHER-SECRET", TraceApp.Secret,
            TraceApp.Sign("THE-BODY", "ANOTHER-SECRET")["sha256=".Length..] })
            Assert.False(raw.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(hidden)) >= 0, hidden);
    }

    /// <summary>Two attempts, a redelivery, two attempts, dead; then the shop opens, and the webhook is replayed.</summary>
    static async Task<TraceApp> LiveAsync(TestServer server, OtlpReceiver receiver, string protocol, string body)
    {
        var shop = new OneByOne(_ => throw new TimeoutException("The shop is closed."));
        var app = await TraceApp.StartAsync(server, TraceApp.Settings(receiver, protocol), shop);
        Assert.Equal(HttpStatusCode.Accepted, await app.PostAsync("d-1", body));
        await Eventually.TrueAsync(async () => (await app.DeadLetters.ListAsync($"{app.Queue}_error")).Entries.Count == 1);
        Assert.Equal(4, shop.Seen);

        shop.Answer = _ => WebhookResult.Success();
        Assert.Equal(1, await app.DeadLetters.ReplayAllAsync($"{app.Queue}_error"));
        await Eventually.TrueAsync(() => shop.Seen == 5);
        return app;
    }

    static void Has(Span span, params (string Name, object Value)[] attributes)
    {
        foreach (var (name, value) in attributes)
            Assert.Equal((span.Name, name, value), (span.Name, name, span[name]));
    }
}
