using System.Diagnostics;
using System.Globalization;
using HdrHistogram;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>How late delayed messages are, from when they fall due to their consumer: spread over a second, few and many.</summary>
internal sealed class Delayed : IScenario
{
    /// <summary>Long enough for all to be stored before the first falls due.</summary>
    static readonly TimeSpan Lead = TimeSpan.FromSeconds(15);

    public string Name => "delayed";

    public string Description => "lateness of delayed messages, those of one second: 1,000, 10,000, 20,000 and 100,000; IConsumer<T>, limit 1,000, on Redis";

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

        return measurements;
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
                await bus.Publish(new TimedMessage { Due = due, Body = MessageHost.Body }, x => x.Delay = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due));
            }
        }));
        if (Stopwatch.GetTimestamp() > first)
            throw new InvalidOperationException($"{count} messages were not stored within {Lead.TotalSeconds} s: the first were due before.");
        await done.WaitAsync(Rate.Patience);
        var took = Stopwatch.GetElapsedTime(first);
        await host.StopAsync();
        return (latencies, took);
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
