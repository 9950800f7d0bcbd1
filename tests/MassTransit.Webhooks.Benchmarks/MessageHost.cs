using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Benchmarks;

/// <summary>A bus with one consumer that counts, on a transport, and how messages are brought through it.</summary>
internal static class MessageHost
{
    const int Publishers = 100;

    public static readonly string Body = new('x', 500);

    public static async Task<IHost> StartAsync(Transport transport, int limit, bool batches = false)
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

        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>The same with a consumer that takes two messages and holds them, so that what is published stays where it is.</summary>
    public static async Task<IHost> StartBlockedAsync(Transport transport)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<Gate>();
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(x =>
        {
            x.AddConsumer<BlockedConsumer>();
            transport.Configure(x, (context, endpoint) =>
            {
                endpoint.PrefetchCount = 2;
                endpoint.ConfigureConsumer<BlockedConsumer>(context);
            });
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public static void Release(IHost blocked) => blocked.Services.GetRequiredService<Gate>().Open.TrySetResult();

    /// <summary>Publishes by 100 at a time, and waits until each id has been consumed.</summary>
    /// <exception cref="InvalidOperationException">One was delivered twice.</exception>
    public static async Task RoundAsync(IHost host, int count, Action<PublishContext<BenchmarkMessage>, int>? configure = null)
    {
        var bus = host.Services.GetRequiredService<IBus>();
        var tally = host.Services.GetRequiredService<Tally>();
        var done = tally.Expect(count);
        await PublishAsync(bus, count, configure);
        await done.WaitAsync(Rate.Patience);
        if (tally.Repeats > 0)
            throw new InvalidOperationException($"{tally.Repeats} messages were delivered more than once.");
    }

    public static Task PublishAsync(IBus bus, int count, Action<PublishContext<BenchmarkMessage>, int>? configure = null) =>
        Task.WhenAll(Enumerable.Range(0, Publishers).Select(async publisher =>
        {
            for (var id = publisher; id < count; id += Publishers)
            {
                var message = new BenchmarkMessage { Id = id, Body = Body };
                var number = id;
                await (configure is null ? bus.Publish(message) : bus.Publish(message, x => configure(x, number)));
            }
        }));
}

public sealed class Gate
{
    public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

public sealed class BlockedConsumer(Gate gate) : IConsumer<BenchmarkMessage>
{
    public Task Consume(ConsumeContext<BenchmarkMessage> context) => gate.Open.Task;
}
