using System.Globalization;
using System.Text;
using System.Text.Json;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>Free text: what the server finds, and what a look at each message finds.</summary>
public abstract partial class QueueEngineTests
{
    const string Hostile = "aZ09 +/=\\\"'<>&\u0000\u001b\u202eäß€😀\uFFFDTrueFalseNaN-E.:order-4711";

    /// <summary>The server may find too much, never too little, whatever the records hold and whatever is looked for.</summary>
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_search_on_the_server_finds_all_that_a_look_at_each_message_finds(int seed)
    {
        var random = new Random(seed);
        var queue = NewQueue($"{nameof(A_search_on_the_server_finds_all_that_a_look_at_each_message_finds)}{seed}");
        for (var i = 0; i < 80; i++)
            await queue.SendAsync(new OutgoingMessage(AnyRecord(random), MessageCount: 1 + random.Next(2)));
        await Raw.HashDeleteAsync(queue.Keys.Messages, (await queue.PeekAsync(MessageState.Ready, 7, 1))[0].Key);
        await Raw.SortedSetAddAsync(queue.Keys.Ready, "foreign", 17);
        var dead = new DeadLetterQueue(Engine, queue, null);
        var letters = (await AllAsync((score, key) => queue.PageAsync(score, key, 1_000))).Select(dead.Read).ToArray();
        Assert.Equal(81, letters.Length);

        var hits = 0;
        for (var i = 0; i < 300; i++)
        {
            var filter = new RedisDeadLetterFilter { Text = AnyNeedle(random, letters) };
            var expected = letters.Where(x => filter.Matches(x, default)).Select(x => x.Key).ToArray();
            hits += expected.Length;
            var found = (await AllAsync((score, key) => dead.PageAsync(filter, score, key, 1_000, default))).Select(dead.Read)
                .Where(x => filter.Matches(x, default)).Select(x => x.Key);
            Assert.True(expected.SequenceEqual(found),
                $"{JsonSerializer.Serialize(filter.Text)}: {string.Join(' ', expected.Except(found))}");
        }

        Assert.True(hits > 300, $"Only {hits} messages were meant: the needles are no good.");
    }

    [SkippableFact]
    public async Task A_search_reads_only_what_it_has_found_and_says_how_far_it_has_looked()
    {
        var queue = NewQueue();
        for (var i = 0; i < 1_200; i++)
            await queue.SendAsync(new OutgoingMessage(new MessageRecord { Body = Encoding.UTF8.GetBytes($"<{i}>") }.Pack()));
        await queue.SendAsync(new OutgoingMessage(new MessageRecord { Body = "<7>"u8.ToArray() }.Pack(), MessageCount: 4));

        // How many one call looks at depends on the machine, too.
        var page = await queue.FindAsync(null, null, 10, NeedleOf("<7>"));
        Assert.Equal((1, 1_204L, true), (page.Messages.Length, page.Waiting, page.HasMore));
        Assert.InRange(page.Looked, 15, MessageQueue.MaxSearched);
        Assert.Equal(8, page.Messages[0].Looked);
        Assert.Equal(["<7>", "<7>"], (await AllAsync((score, key) => queue.FindAsync(score, key, 10, NeedleOf("<7>"))))
            .Select(x => Text(x.Record)[^3..]));

        // It ends with the last one that is wanted.
        page = await queue.FindAsync(null, null, 3, NeedleOf("<"));
        Assert.Equal((3, 3L, true), (page.Messages.Length, page.Looked, page.HasMore));
        page = await queue.PageAsync(page.LastScore, page.LastKey, 3);
        Assert.Equal([1L, 2L, 3L], page.Messages.Select(x => x.Looked));
        Assert.Equal((3L, 1_204L), (page.Looked, page.Waiting));
    }

    [SkippableFact]
    public async Task A_search_in_a_failure_group_passes_over_all_others()
    {
        var queue = NewQueue();
        var error = Engine.Queue(queue.Name + "_error");
        for (var i = 0; i < 30; i++)
        {
            await queue.SendAsync(Message("m"));
            await DeadLetterMove.MoveAsync(Engine, queue, error.Name.Value, Assert.Single(await LeaseAsync(queue, 1)),
                Failed(i % 3 == 0 ? "Rare" : "Common", text: $"number {i % 2}"), Lease);
        }

        var page = await error.FindAsync(null, null, 100, NeedleOf("number 1"), GroupOf("Rare"));

        // The time of a call is asked for after 15 records, and 10 are of this group.
        Assert.Equal([4L, 10, 16, 22, 28], page.Messages.Select(x => x.Looked));
        Assert.Equal((30L, false), (page.Looked, page.HasMore));
    }

    /// <summary>A record of many megabytes is not copied to be searched, and a slow server ends before it has looked at all.</summary>
    [SkippableFact]
    public async Task A_search_ends_by_bytes_and_by_time_and_leaves_long_records_to_the_reader()
    {
        var queue = NewQueue();
        await queue.SendAsync(new OutgoingMessage(new MessageRecord { Body = new byte[300_000] }.Pack()));
        for (var i = 0; i < 50; i++)
            await queue.SendAsync(new OutgoingMessage(new MessageRecord { Body = new byte[200_000] }.Pack()));

        var page = await queue.FindAsync(null, null, 100, NeedleOf("not there"));
        Assert.InRange(Assert.Single(page.Messages).Record!.Value.Length, 300_000, 300_100);
        Assert.InRange(page.Looked, 15, 22);
        Assert.True(page.HasMore);

        var runner = new ScriptCaller(Engine.Connection);
        RedisValue[] arguments = ["-inf", "", 100, 1_000, 500, 1 << 30, 0, 1 << 20, "", "", "not there", "not there"];
        var reply = (RedisResult[])(await runner.RunAsync(ScriptCatalog.Find, queue.Keys.All, arguments))!;
        Assert.Equal((15, 1), ((int)reply[7], (int)reply[1]));
    }

    static async Task<List<WaitingMessage>> AllAsync(Func<string?, string?, Task<WaitingPage>> read)
    {
        var all = new List<WaitingMessage>();
        long looked = 0;
        for (WaitingPage? page = null; page is null or { HasMore: true };)
        {
            page = await read(page?.LastScore, page?.LastKey);
            Assert.True(page.Messages.All(x => x.Looked > 0 && x.Looked <= page.Looked));
            all.AddRange(page.Messages);
            looked += page.Looked;
            Assert.True(looked <= page.Waiting, "A message was looked at twice.");
            if (!page.HasMore)
                Assert.Equal(page.Waiting, looked);
        }

        return all;
    }

    static Needle NeedleOf(string text) => new RedisDeadLetterFilter { Text = text }.Needle!;

    static string AnyText(Random random, int most = 30)
    {
        var text = new StringBuilder();
        for (var left = random.Next(most); left > 0; left--)
        {
            var at = random.Next(Hostile.Length);
            text.Append(Hostile, at, Math.Min(1 + random.Next(6), Hostile.Length - at));
        }

        return text.ToString();
    }

    static object AnyValue(Random random) => random.Next(12) switch
    {
        0 => random.Next(2) == 0,
        1 => random.Next(-1_000, 1_000),
        2 => random.Next(int.MinValue, int.MaxValue),
        3 => random.NextInt64(-1_000_000_000_000, 1_000_000_000_000),
        4 => random.NextInt64(long.MinValue, long.MaxValue),
        5 => random.NextDouble() * Math.Pow(10, random.Next(-300, 300)),
        6 => random.Next(3) switch { 0 => double.NaN, 1 => double.NegativeInfinity, _ => -0.0 },
        7 => new Guid([.. Bytes(random, 16)]),
        8 => new DateTimeOffset(2026, 11, random.Next(1, 29), 4, 5, 6, TimeSpan.FromMinutes(random.Next(-600, 600))),
        _ => AnyText(random),
    };

    static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    static byte[] AnyBody(Random random)
    {
        var text = Encoding.UTF8.GetBytes(AnyText(random, 100));
        return random.Next(6) switch
        {
            0 => Bytes(random, random.Next(500)),
            1 => text,
            2 => JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(text)),
            3 => JsonSerializer.SerializeToUtf8Bytes(new { body = text, receiver = AnyText(random) }),
            4 => Encoding.UTF8.GetBytes("{\"body\":\"" + Convert.ToBase64String(text) + "\"}"),
            _ => [.. text, .. Bytes(random, random.Next(50)), .. Encoding.ASCII.GetBytes(Convert.ToBase64String(text))],
        };
    }

    /// <summary>A record as clients write it, or one that is damaged.</summary>
    static byte[] AnyRecord(Random random)
    {
        var record = new MessageRecord
        {
            MessageId = Guid.NewGuid(),
            ContentType = random.Next(3) switch { 0 => null, 1 => "application/json", _ => AnyText(random) },
            Headers = [.. Enumerable.Range(0, random.Next(8)).Select(_ => KeyValuePair.Create(AnyText(random), AnyValue(random)))],
            Body = AnyBody(random),
        }.Pack();
        switch (random.Next(12))
        {
            case 0:
                return record[..random.Next(record.Length)];
            case 1:
                record[random.Next(Math.Min(60, record.Length))] = (byte)random.Next(256);
                return record;
            case 2:
                return Bytes(random, random.Next(200));
            case 3:
                return [.. record, .. new byte[300_000]];
            default:
                return record;
        }
    }

    /// <summary>A piece of something that one of the messages holds, as an operator would type it; rarely something else.</summary>
    static string AnyNeedle(Random random, RedisDeadLetter[] letters)
    {
        var letter = letters[random.Next(letters.Length)];
        var texts = letter.Headers.SelectMany(x => new[] { x.Key, Convert.ToString(x.Value, CultureInfo.InvariantCulture)! })
            .Append(Encoding.UTF8.GetString(letter.Body.Span)).Append(Encoding.Latin1.GetString(letter.Body.Span)).Append(Hostile)
            .Where(x => x.Length > 0).ToArray();
        var text = texts[random.Next(texts.Length)];
        var at = random.Next(text.Length);
        return text.Substring(at, Math.Min(1 + random.Next(random.Next(3) == 0 ? 40 : 6), text.Length - at));
    }
}
