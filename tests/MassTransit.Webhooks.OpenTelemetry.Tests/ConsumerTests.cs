using System.Diagnostics;
using System.Net;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.OpenTelemetry.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using OtlpDump.Decoding;
using OtlpDump.Receiving;

namespace MassTransit.Webhooks.OpenTelemetry.Tests;

/// <summary>Plain consumers of MassTransit, and messages that never reach one.</summary>
[Collection(Collections.OneByOne)]
public class ConsumerTests
{
    [SkippableFact]
    public async Task Batch_consumer_links_to_every_message_in_it()
    {
        var (spans, _) = await RunAsync<BatchConsumer>(3,
            x => x.Options<BatchOptions>(o => o.SetMessageLimit(3).SetTimeLimit(TimeSpan.FromSeconds(30))));

        var batch = Assert.Single(spans, x => x["messaging.batch.message_count"] is 3L);
        var sent = spans.Where(x => x.Name == "MassTransit.Webhooks:Webhook send").Select(x => new SpanLink(x.TraceId, x.SpanId))
            .ToHashSet();
        Assert.Equal(3, sent.Count);
        Assert.Equal(sent, batch.Links.ToHashSet());
        Assert.Equal(("redis", "process"), (batch["messaging.system"], batch["messaging.operation.type"]));
        Assert.Empty(Shape.Orphans(spans));
    }

    [SkippableFact]
    public async Task Plain_consumer_is_described_by_the_same_conventions()
    {
        var (spans, queue) = await RunAsync<PlainConsumer>(1);

        var request = Assert.Single(spans, x => x.Kind == SpanKind.Server);
        Assert.Equal("""
            POST /webhooks/{receiver} Server Unset
              MassTransit.Webhooks:Webhook send Producer Ok
                q receive Consumer Ok
                  q process Consumer Ok
            """, Shape.Of(spans, request.TraceId, queue));
        var process = Assert.Single(spans, x => x.Name == $"{queue} process");
        Assert.Equal(("redis", queue, "process", request["messaging.message.id"]),
            (process["messaging.system"], process["messaging.destination.name"],
            process["messaging.operation.type"], process["messaging.message.id"]));
    }

    [SkippableFact]
    public async Task Message_that_cannot_be_read_has_its_exception_on_the_move()
    {
        var server = await Servers.AnyAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var app = await TraceApp.StartAsync(server, TraceApp.Settings(receiver), bus: x => x.AddConsumer<NumberConsumer>(),
            endpoints: (context, cfg) => cfg.ReceiveEndpoint("numbers", e => e.ConfigureConsumer<NumberConsumer>(context))))
        {
            var endpoint = await app.Bus.GetSendEndpoint(new Uri("queue:numbers"));
            await endpoint.Send(new SentNumber { Number = "many" });
            await Eventually.TrueAsync(async () => (await app.DeadLetters.ListAsync("numbers_error")).Entries.Count == 1);
        }

        var spans = receiver.Spans;
        var move = Assert.Single(spans, x => x.Name == "numbers_error move");
        Assert.Equal(SpanStatus.Error, move.Status);
        Assert.Contains("Exception", (string)Assert.Single(spans.SelectMany(x => x.Events),
            x => x.Name == "exception").Attributes["exception.type"]!, StringComparison.Ordinal);
        Assert.Single(move.Events);
        Assert.Empty(Shape.Orphans(spans));
    }

    [SkippableFact]
    public async Task Expired_message_is_moved_in_the_trace_it_was_sent_in()
    {
        var server = await Servers.AnyAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        var gate = new Gate();
        await using (var app = await TraceApp.StartAsync(server, TraceApp.Settings(receiver), endpoints: (_, cfg) =>
            cfg.ReceiveEndpoint("gate", e =>
            {
                e.PrefetchCount = 1;
                e.DeadLetterExpiredMessages = true;
                e.Consumer(() => new GateConsumer(gate));
            })))
        {
            var endpoint = await app.Bus.GetSendEndpoint(new Uri("queue:gate"));
            await endpoint.Send(new Knock());
            await Eventually.CompletesAsync(gate.Entered.Task);
            await endpoint.Send(new Knock(), x => x.TimeToLive = TimeSpan.FromMilliseconds(1));
            var sent = Stopwatch.GetTimestamp();
            await Eventually.TrueAsync(() => Stopwatch.GetElapsedTime(sent) > TimeSpan.FromMilliseconds(50));
            gate.Open.SetResult();
            await Eventually.TrueAsync(async () => (await app.DeadLetters.ListAsync("gate_skipped")).Entries.Count == 1);
        }

        var spans = receiver.Spans;
        var move = Assert.Single(spans, x => x.Name == "gate_skipped move");
        Assert.Equal("gate send", Assert.Single(spans, x => x.SpanId == move.ParentId).Name);
        Assert.Equal(("expired", SpanStatus.Unset), (move["messaging.redis.dead_letter.reason"], move.Status));
        Assert.Empty(Shape.Orphans(spans));
    }

    static async Task<(IReadOnlyList<Span> Spans, string Queue)> RunAsync<TConsumer>(int count,
        Action<IConsumerConfigurator<TConsumer>>? configure = null)
        where TConsumer : class, IConsumer
    {
        var server = await Servers.AnyAsync();
        var queue = TestNames.Unique("plain");
        var seen = new Seen();
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var app = await TraceApp.StartAsync(server, TraceApp.Settings(receiver), bus: x =>
        {
            x.AddSingleton(seen);
            x.AddConsumer<TConsumer>(configure).Endpoint(e => e.Name = queue);
        }))
        {
            for (var i = 0; i < count; i++)
                Assert.Equal(HttpStatusCode.Accepted, await app.PostAsync($"d-{i}"));
            await Eventually.TrueAsync(() => seen.Count == count);
        }

        return (receiver.Spans, queue);
    }

    sealed class Seen
    {
        int _count;

        public int Count => _count;

        public void Add(int count) => Interlocked.Add(ref _count, count);
    }

    sealed class BatchConsumer(Seen seen) : IConsumer<Batch<Webhook>>
    {
        public Task Consume(ConsumeContext<Batch<Webhook>> context)
        {
            seen.Add(context.Message.Length);
            return Task.CompletedTask;
        }
    }

    sealed class PlainConsumer(Seen seen) : IConsumer<Webhook>
    {
        public Task Consume(ConsumeContext<Webhook> context)
        {
            seen.Add(1);
            return Task.CompletedTask;
        }
    }

    [MessageUrn("traces:number")]
    public sealed record SentNumber
    {
        public string Number { get; init; } = "";
    }

    [MessageUrn("traces:number")]
    public sealed record ReadNumber
    {
        public int Number { get; init; }
    }

    sealed class NumberConsumer : IConsumer<ReadNumber>
    {
        public Task Consume(ConsumeContext<ReadNumber> context) => Task.CompletedTask;
    }

    public sealed record Knock;

    sealed class Gate
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    sealed class GateConsumer(Gate gate) : IConsumer<Knock>
    {
        public Task Consume(ConsumeContext<Knock> context)
        {
            gate.Entered.TrySetResult();
            return gate.Open.Task;
        }
    }
}
