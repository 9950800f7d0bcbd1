using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Benchmarks.Micro;

/// <summary>From webhooks that have been received to their results: batch, worker, scope, processor. No server.</summary>
[MemoryDiagnoser]
public class DispatchBenchmarks
{
    static readonly Webhook[] Webhooks = [.. WebhookHost.Webhooks(100)];

    readonly TaskCompletionSource<ConsumeContext> _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    ServiceProvider _services = null!;
    WebhookBatcher<NoProcessor> _batcher = null!;
    ConsumeContext _context = null!;

    [GlobalSetup]
    public async Task StartAsync()
    {
        _services = new ServiceCollection().AddLogging().AddMassTransit(x =>
        {
            x.AddWebhooks(w => w.AddProcessor<NoProcessor>(p => p.BatchTimeLimit = TimeSpan.Zero));
            x.UsingInMemory((_, cfg) => cfg.ReceiveEndpoint("dispatch", e => e.Handler<BenchmarkMessage>(context =>
            {
                // Held until the end, so that the context stays one of a message in work.
                _received.TrySetResult(context);
                return _end.Task;
            })));
        }).BuildServiceProvider();
        var bus = _services.GetRequiredService<IBusControl>();
        await bus.StartAsync();
        await bus.Publish(new BenchmarkMessage());
        _context = await _received.Task;
        _batcher = _services.GetRequiredService<WebhookBatcher<NoProcessor>>();
    }

    [GlobalCleanup]
    public async Task StopAsync()
    {
        _end.TrySetResult();
        await _services.GetRequiredService<IBusControl>().StopAsync();
        await _services.DisposeAsync();
    }

    [Benchmark(Description = "dispatch 100 webhooks of a bundle to a processor")]
    public Task Bundle() => _batcher.ProcessAsync(_context, Webhooks);

    [Benchmark(Description = "dispatch 1 webhook of a bundle to a processor")]
    public Task One() => _batcher.ProcessAsync(_context, [Webhooks[0]]);

    sealed class NoProcessor : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            Task.FromResult(WebhookResult.Success());
    }
}
