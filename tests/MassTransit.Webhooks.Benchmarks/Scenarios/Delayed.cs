using System.Diagnostics;
using System.Globalization;
using HdrHistogram;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>How late delayed messages are, from when they fall due to their consumer: spread over a second, few and many.</summary>
internal sealed class Delayed : IScenario
{
    /// <summary>Long enough for all to be stored before the first falls due.</summary>
    static readonly TimeSpan Lead = TimeSpan.FromSeconds(15);

    public string Name => "delayed";

    public string Description =>
        "lateness of delayed messages, those of one second: 1,000 to 100,000; IConsumer<T>, limit 1,000, and the transport alone, on Redis";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var measurements = new List<Measurement>();
        await MeasureAsync(servers, 1_000);
        foreach (var count in (int[])[1_000, 10_000, 20_000, 100_000])
        {
            Progress.Say($"{count:N0} due in one second");
            var (latencies, took) = await MeasureAsync(servers, count);
            var setting = string.Create(CultureInfo.InvariantCulture, $"{count:N0} due in one second");
            measurements.Add(new("lateness, p50", setting, latencies.Histogram.GetValueAtPercentile(50) / 1000.0, "ms"));
            measurements.Add(new("lateness, p99", setting, latencies.Histogram.GetValueAtPercentile(99) / 1000.0, "ms"));
            measurements.Add(new("lateness, most", setting, latencies.Histogram.GetMaxValue() / 1000.0, "ms"));
            measurements.Add(new("consumed, from the first due", setting, count / took.TotalSeconds, "messages/s"));
        }

        // Without MassTransit's pipeline behind it: what the transport itself can do.
        Progress.Say("100,000 due in one second, leased and acknowledged, not consumed");
        var (leased, leasing) = await LeaseAsync(servers, 100_000);
        const string alone = "100,000 due in one second, leased and acknowledged by the transport alone";
        measurements.Add(new("lateness, p50", alone, leased.Histogram.GetValueAtPercentile(50) / 1000.0, "ms"));
        measurements.Add(new("lateness, p99", alone, leased.Histogram.GetValueAtPercentile(99) / 1000.0, "ms"));
        measurements.Add(new("lateness, most", alone, leased.Histogram.GetMaxValue() / 1000.0, "ms"));
        measurements.Add(new("leased, from the first due", alone, 100_000 / leasing.TotalSeconds, "messages/s"));
        return measurements;
    }

    static async Task<(Latencies, TimeSpan)> LeaseAsync(Servers servers, int count)
    {
        var settings = new RedisConnectionSettings { Options = servers.Redis.ConfigurationOptions, KeyPrefix = WebhookHost.NewPrefix() };
        await using var engine = new QueueEngine(settings, NullLogger.Instance);
        var queue = engine.Queue("delayed");
        var first = Stopwatch.GetTimestamp() + (long)(Lead.TotalSeconds * Stopwatch.Frequency);
        foreach (var chunk in Enumerable.Range(0, count).Chunk(2_000))
        {
            await Task.WhenAll(chunk.Select(id =>
            {
                var due = first + (long)((double)id / count * Stopwatch.Frequency);
                // As long as a message with its envelope is.
                var record = new byte[1_500];
                BitConverter.TryWriteBytes(record, due);
                return queue.SendAsync(new OutgoingMessage(record, Delay: Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due)));
            }));
        }

        if (Stopwatch.GetTimestamp() > first)
            throw new InvalidOperationException(
                $"{count} messages were not stored within {Lead.TotalSeconds} s: the first were due before.");

        var latencies = new Latencies();
        var done = latencies.Expect(count);
        var lane = queue.CreateReader();
        var finished = new List<Acknowledgement>();
        while (!done.IsCompleted)
        {
            var result = await lane.LeaseAsync(LeaseReader.MaxMessages, TimeSpan.FromSeconds(30), finished);
            finished = [.. result.Messages.Select(x => new Acknowledgement(x.Lease, Ignored.Instance))];
            foreach (var message in result.Messages)
                latencies.Add(BitConverter.ToInt64(message.Record!.Value.Span));
            // A thread's sleep is exact, a task's is not.
            if (result.Messages.Length == 0)
                Thread.Sleep(1);
        }

        return (latencies, Stopwatch.GetElapsedTime(first));
    }

    static async Task<(Latencies, TimeSpan)> MeasureAsync(Servers servers, int count)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<Latencies>();
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(x =>
        {
            x.AddConsumer<LateConsumer>();
            Transport.OnRedis(servers).Configure(x, (context, endpoint) =>
            {
                endpoint.PrefetchCount = 1_000;
                endpoint.ConcurrentMessageLimit = 1_000;
                endpoint.ConfigureConsumer<LateConsumer>(context);
            });
        });
        using var host = builder.Build();
        await host.StartAsync();
        var bus = host.Services.GetRequiredService<IBus>();
        var latencies = host.Services.GetRequiredService<Latencies>();
        var done = latencies.Expect(count);
        var first = Stopwatch.GetTimestamp() + (long)(Lead.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async publisher =>
        {
            for (var id = publisher; id < count; id += 100)
            {
                var due = first + (long)((double)id / count * Stopwatch.Frequency);
                await bus.Publish(new TimedMessage { Due = due, Body = MessageHost.Body },
                    x => x.Delay = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due));
            }
        }));
        if (Stopwatch.GetTimestamp() > first)
            throw new InvalidOperationException(
                $"{count} messages were not stored within {Lead.TotalSeconds} s: the first were due before.");
        await done.WaitAsync(Rate.Patience);
        var took = Stopwatch.GetElapsedTime(first);
        await host.StopAsync();
        return (latencies, took);
    }

    sealed class Ignored : ISettleListener
    {
        public static readonly Ignored Instance = new();

        public void OnSettled(bool leaseLost, Exception? error)
        {
        }
    }
}

public sealed record TimedMessage
{
    public long Due { get; init; }

    public string Body { get; init; } = "";
}

internal sealed class LateConsumer(Latencies latencies) : IConsumer<TimedMessage>
{
    public Task Consume(ConsumeContext<TimedMessage> context)
    {
        latencies.Add(context.Message.Due);
        return Task.CompletedTask;
    }
}
