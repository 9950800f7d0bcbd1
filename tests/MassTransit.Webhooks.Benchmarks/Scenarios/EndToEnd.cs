using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>
/// From publish to consumed: 100 publishers at a time, a 500-byte body, every id counted at the consumer. The median of
/// several rounds after a warm-up, each transport in turn at each limit.
/// </summary>
internal sealed class EndToEnd(bool batches) : IScenario
{
    const int Publishers = 100;
    const int Rounds = 3;

    static readonly int[] Limits = [16, 100, 1_000];
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public string Name => batches ? "batch" : "single";

    public string Description => batches
        ? "publish to IConsumer<Batch<T>> of up to 100, 500-byte bodies"
        : "publish to IConsumer<T>, 500-byte bodies";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var measurements = new List<Measurement>();
        foreach (var limit in Limits)
        {
            foreach (var transport in Transport.All(servers))
            {
                // The in-memory transport's dispatch costs time in proportion to the limit: fewer messages do for it.
                var count = transport.Name == Transport.Redis ? 40_000 : 10_000;
                var rate = await MeasureAsync(transport, limit, count);
                Console.WriteLine($"{transport.Name} at {limit}: {rate:N0}/s");
                measurements.Add(new Measurement(transport.Name, $"limit {limit}", rate, "messages/s", transport.Name == Transport.Redis ? null : Transport.Redis));
            }
        }

        return [.. measurements.Select(x => x.Subject == Transport.Redis ? x with { Peer = Transport.InMemory } : x with { Peer = null })];
    }

    async Task<double> MeasureAsync(Transport transport, int limit, int count)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<Tally>();
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(x =>
        {
            if (batches)
            {
                x.AddConsumer<BatchConsumer>(c => c.Options<BatchOptions>(o => o
                    .SetMessageLimit(Math.Min(limit, 100)).SetTimeLimit(ms: 5).SetConcurrencyLimit(Math.Max(1, limit / 100))));
            }
            else
            {
                x.AddConsumer<SingleConsumer>();
            }

            transport.Configure(x, (context, endpoint) =>
            {
                endpoint.PrefetchCount = limit;
                endpoint.ConcurrentMessageLimit = limit;
                if (batches)
                    endpoint.ConfigureConsumer<BatchConsumer>(context);
                else
                    endpoint.ConfigureConsumer<SingleConsumer>(context);
            });
        });

        using var host = builder.Build();
        await host.StartAsync();
        var bus = host.Services.GetRequiredService<IBus>();
        var tally = host.Services.GetRequiredService<Tally>();

        await RoundAsync(bus, tally, count / 4);
        var rates = new List<double>();
        for (var round = 0; round < Rounds; round++)
            rates.Add(await RoundAsync(bus, tally, count));

        await host.StopAsync();
        return rates.Order().ElementAt(Rounds / 2);
    }

    static async Task<double> RoundAsync(IBus bus, Tally tally, int count)
    {
        var body = new string('x', 500);
        var done = tally.Expect(count);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(async publisher =>
        {
            for (var id = publisher; id < count; id += Publishers)
                await bus.Publish(new BenchmarkMessage { Id = id, Body = body });
        }));
        await done.WaitAsync(Patience);
        var rate = count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (tally.Repeats > 0)
            throw new InvalidOperationException($"{tally.Repeats} messages were delivered more than once.");
        return rate;
    }
}

public sealed record BenchmarkMessage
{
    public int Id { get; init; }

    public string Body { get; init; } = "";
}

/// <summary>Counts each id once.</summary>
public sealed class Tally
{
    TaskCompletionSource _done = new();
    int[] _seen = [];
    int _missing;
    int _repeats;

    public int Repeats => _repeats;

    public Task Expect(int count)
    {
        _seen = new int[count];
        _repeats = 0;
        _missing = count;
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _done.Task;
    }

    public void Count(int id)
    {
        if (Interlocked.Increment(ref _seen[id]) > 1)
            Interlocked.Increment(ref _repeats);
        else if (Interlocked.Decrement(ref _missing) == 0)
            _done.TrySetResult();
    }
}

public sealed class SingleConsumer(Tally tally) : IConsumer<BenchmarkMessage>
{
    public Task Consume(ConsumeContext<BenchmarkMessage> context)
    {
        tally.Count(context.Message.Id);
        return Task.CompletedTask;
    }
}

public sealed class BatchConsumer(Tally tally) : IConsumer<Batch<BenchmarkMessage>>
{
    public Task Consume(ConsumeContext<Batch<BenchmarkMessage>> context)
    {
        foreach (var message in context.Message)
            tally.Count(message.Message.Id);
        return Task.CompletedTask;
    }
}
