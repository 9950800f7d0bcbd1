using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.Webhooks.Benchmarks.Micro;

/// <summary>What is done for every message, by itself.</summary>
[MemoryDiagnoser]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1822", Justification = "BenchmarkDotNet calls instances.")]
public class MicroBenchmarks
{
    static readonly Webhook[] Hundred = [.. WebhookHost.Webhooks(100)];
    static readonly byte[] Bundle = WebhookPacker.Pack(Hundred);
    static readonly byte[] Secret = Encoding.UTF8.GetBytes("It's a Secret to Everybody");
    static readonly byte[] Body = new byte[500];

    static readonly MessageRecord Record = new()
    {
        MessageId = Guid.NewGuid(),
        ContentType = "application/vnd.masstransit+json",
        Headers = [new("MT-Activity-Id", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")],
        Body = new byte[900],
    };

    static readonly byte[] Packed = Record.Pack();

    [Benchmark(Description = "message id from receiver and webhook id")]
    public Guid MessageId() => Hundred[0].GetMessageId();

    [Benchmark(Description = "pack a record")]
    public byte[] PackRecord() => Record.Pack();

    [Benchmark(Description = "read a record")]
    public bool ReadRecord() => MessageRecord.TryParse(Packed, out _);

    [Benchmark(Description = "pack 100 webhooks")]
    public byte[] PackBundle() => WebhookPacker.Pack(Hundred);

    [Benchmark(Description = "read 100 webhooks")]
    public int ReadBundle() => WebhookPacker.Unpack(Bundle, 100).Length;

    [Benchmark(Description = "signature of 500 bytes (HMAC-SHA256)")]
    public byte[] Signature() => HMACSHA256.HashData(Secret, Body);
}
