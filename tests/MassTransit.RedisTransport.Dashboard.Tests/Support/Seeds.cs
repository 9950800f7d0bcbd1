using System.Text;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.LifecycleTests.Support;

namespace MassTransit.RedisTransport.Dashboard.Tests.Support;

/// <summary>Puts messages and dead letters on the server, as the transport stores them.</summary>
public sealed class Seeds
{
    readonly ServerSide _server;

    internal Seeds(ServerSide server) => _server = server;

    /// <summary>Messages that wait.</summary>
    public async Task MessagesAsync(string queue, int count, string body = """{"number":1}""")
    {
        for (var i = 0; i < count; i += 500)
            await Task.WhenAll(Enumerable.Range(i, Math.Min(500, count - i)).Select(_ => SendAsync(queue, Record(body, []))));
    }

    /// <summary>Dead letters of a queue, which exists afterwards, with the headers of a failure.</summary>
    public async Task DeadAsync(string queue, int count, Func<int, DeadSeed>? seed = null, string suffix = "_error")
    {
        await _server.Engine.Queue(queue).SendAsync(new OutgoingMessage(Record("{}", []), 0));
        await _server.Engine.Queue(queue).PurgeAsync();
        for (var i = 0; i < count; i += 500)
        {
            await Task.WhenAll(Enumerable.Range(i, Math.Min(500, count - i)).Select(n =>
            {
                var letter = seed?.Invoke(n) ?? new DeadSeed { Message = $"card {n} refused" };
                return SendAsync(queue + suffix, letter.Raw ?? Record(letter.Body, letter.AllHeaders(), letter.ContentType));
            }));
        }
    }

    public async Task<long> CountAsync(string queue)
    {
        var counts = await _server.Engine.CountAsync(queue);
        return counts.Ready;
    }

    async Task SendAsync(string queue, byte[] record) =>
        await _server.Engine.Queue(queue).SendAsync(new OutgoingMessage(record, 0));

    static byte[] Record(string body, IReadOnlyList<KeyValuePair<string, object>> headers, string? contentType = "application/json") =>
        Record(Encoding.UTF8.GetBytes(body), headers, contentType);

    static byte[] Record(byte[] body, IReadOnlyList<KeyValuePair<string, object>> headers, string? contentType) => new MessageRecord
    {
        MessageId = NewId.NextGuid(),
        ContentType = contentType,
        Headers = headers,
        Body = body,
    }.Pack();
}

/// <summary>One dead letter.</summary>
public sealed record DeadSeed
{
    public byte[] Body { get; init; } = Encoding.UTF8.GetBytes("""{"number":1}""");

    public string? ContentType { get; init; } = "application/json";

    public string? Exception { get; init; } = "System.InvalidOperationException";

    public string? Message { get; init; } = "card refused";

    public string? Stack { get; init; } = "   at Shop.Payments.Charge(Card card) in /src/Payments.cs:line 12";

    public string? Reason { get; init; } = "fault";

    public string? Activity { get; init; }

    public IReadOnlyList<KeyValuePair<string, object>> Headers { get; init; } = [];

    /// <summary>The whole record, which may be no record at all.</summary>
    public byte[]? Raw { get; init; }

    internal IReadOnlyList<KeyValuePair<string, object>> AllHeaders()
    {
        var headers = new List<KeyValuePair<string, object>>(Headers);
        Add("MT-Fault-ExceptionType", Exception);
        Add("MT-Fault-Message", Message);
        Add("MT-Fault-StackTrace", Stack);
        Add("MT-Reason", Reason);
        Add("MT-Activity-Id", Activity);
        Add("MT-Fault-Timestamp", "2026-11-26T02:10:11.0000000Z");
        return headers;

        void Add(string name, string? value)
        {
            if (value is not null)
                headers.Add(KeyValuePair.Create(name, (object)value));
        }
    }
}
