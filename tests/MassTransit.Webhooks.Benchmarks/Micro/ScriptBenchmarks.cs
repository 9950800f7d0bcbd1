using BenchmarkDotNet.Attributes;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace MassTransit.Webhooks.Benchmarks.Micro;

/// <summary>Calls of scripts, round trip included, on a redis-server of their own: one message, and what shares a call.</summary>
[MemoryDiagnoser]
public class ScriptBenchmarks
{
    static readonly byte[] Record = new byte[1_500];

    readonly RedisServerProcess _server = new();
    QueueEngine _engine = null!;
    MessageQueue _queue = null!;
    LeaseReader _lane = null!;

    [GlobalSetup]
    public async Task StartAsync()
    {
        await _server.StartAsync();
        _engine = new QueueEngine(new RedisConnectionSettings { Options = _server.ConfigurationOptions, KeyPrefix = "micro" },
            NullLogger.Instance);
        _queue = _engine.Queue("micro");
        _lane = _queue.CreateReader();
    }

    [GlobalCleanup]
    public async Task StopAsync()
    {
        await _engine.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Benchmark(Description = "lease of an empty queue")]
    public async Task LeaseNothing() => await _lane.LeaseAsync(100, TimeSpan.FromSeconds(30));

    [Benchmark(Description = "send, lease and settle 1 message")]
    public Task One() => SendLeaseSettleAsync(1);

    [Benchmark(Description = "send, lease and settle 100 messages together")]
    public Task Hundred() => SendLeaseSettleAsync(100);

    async Task SendLeaseSettleAsync(int count)
    {
        var sends = new Task[count];
        for (var i = 0; i < count; i++)
            sends[i] = _queue.SendAsync(new OutgoingMessage(Record));
        await Task.WhenAll(sends);
        for (var seen = 0; seen < count;)
        {
            var messages = (await _lane.LeaseAsync(count, TimeSpan.FromSeconds(30))).Messages;
            await Task.WhenAll(Array.ConvertAll(messages, x => _queue.SettleAsync(x.Lease)));
            seen += messages.Length;
        }
    }
}
