using System.Runtime.CompilerServices;
using System.Text;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.BrokerTests.Servers;
using MassTransit.RedisTransport.Scripts;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>What every supported server must do alike. Each server inherits this suite in one line.</summary>
public abstract partial class QueueEngineTests
{
    /// <summary>Long enough never to end during a test; leases end when a test says so.</summary>
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    protected QueueEngineTests(BrokerServer server)
    {
        server.Server.SkipIfUnavailable();
        Server = server;
    }

    internal BrokerServer Server { get; }

    internal QueueEngine Engine => Server.Engine;

    internal IDatabase Raw => Server.Raw;

    /// <summary>A queue no other test knows.</summary>
    internal MessageQueue NewQueue([CallerMemberName] string name = "") => Engine.Queue(NewName(name));

    internal static string NewName([CallerMemberName] string name = "") => TestNames.Unique(name);

    internal static OutgoingMessage Message(string text, byte priority = 0, TimeSpan delay = default) =>
        new(Encoding.UTF8.GetBytes(text), priority, delay);

    internal static string Text(ReadOnlyMemory<byte>? record) => record is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : "<none>";

    internal static async Task<MessageQueue> SendAsync(MessageQueue queue, params string[] texts)
    {
        foreach (var text in texts)
            Assert.Equal(SendOutcome.Stored, await queue.SendAsync(Message(text)));
        return queue;
    }

    internal static async Task<LeasedMessage[]> LeaseAsync(MessageQueue queue, int limit = 1_000) =>
        (await queue.CreateReader().LeaseAsync(limit, Lease)).Messages;

    internal static async Task<string[]> LeaseTextsAsync(MessageQueue queue, int limit = 1_000) => Texts(await LeaseAsync(queue, limit));

    /// <summary>Everything that can be leased: one call takes back and promotes a bounded number.</summary>
    internal static async Task<List<string>> DrainAsync(MessageQueue queue)
    {
        var texts = new List<string>();
        while (await LeaseTextsAsync(queue) is { Length: > 0 } batch)
            texts.AddRange(batch);
        return texts;
    }

    internal static string[] Texts(IEnumerable<LeasedMessage> messages) => [.. messages.Select(x => Text(x.Record))];

    /// <summary>What time does to a lease whose owner is gone.</summary>
    internal Task EndLeasesAsync(MessageQueue queue, params LeasedMessage[] messages) =>
        Raw.SortedSetAddAsync(queue.Keys.Leased, [.. messages.Select(x => new SortedSetEntry(x.Lease.Member, 1))], SortedSetWhen.Exists);

    /// <summary>What time does to a delay.</summary>
    internal async Task EndDelaysAsync(MessageQueue queue)
    {
        var members = await Raw.SortedSetRangeByRankAsync(queue.Keys.Delayed);
        await Raw.SortedSetAddAsync(queue.Keys.Delayed, [.. members.Select(x => new SortedSetEntry(x, 1))], SortedSetWhen.Exists);
    }

    internal Task AssertInvariantsAsync(MessageQueue queue, int withoutRecord = 0) =>
        QueueInvariants.AssertAsync(Raw, queue, withoutRecord);

    /// <summary>Exactly what a client does whose reply was lost: the same script with the same arguments again.</summary>
    internal async Task<(RedisResult First, RedisResult Second)> TwiceAsync(RedisScript script, RedisKey[] keys, params RedisValue[] values)
    {
        var runner = new ScriptCaller(Engine.Connection);
        return (await runner.RunAsync(script, keys, values), await runner.RunAsync(script, keys, values));
    }

    internal static int[] Lost(params int[] indexes) => indexes;

    internal static int[] Integers(RedisResult result) => [.. ((RedisResult[])result!).Select(x => (int)x)];
}
