using FsCheck;
using FsCheck.Fluent;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.UnitTests.Broker.Records;

public sealed class MessageRecordTests
{
    static readonly MessageRecord Full = new()
    {
        MessageId = Guid.Parse("8c1f1c5e-7d0a-4d0e-9d4e-1f2b3c4d5e6f"),
        ContentType = "application/vnd.masstransit+json",
        TimeToLive = TimeSpan.FromSeconds(90),
        Headers =
        [
            new("text", "grüße \U0001F98A"), new("yes", true), new("no", false), new("int", 42), new("long", long.MaxValue),
            new("double", 1.5),
            new("guid", Guid.Parse("11111111-2222-3333-4444-555555555555")),
            new("time", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2))),
        ],
        Body = new byte[] { 0, 1, 2, 255 },
    };

    [Fact]
    public void Everything_packed_comes_back()
    {
        Assert.True(MessageRecord.TryParse(Full.Pack(), out var read));

        Assert.Equal(Full.MessageId, read.MessageId);
        Assert.Equal(Full.ContentType, read.ContentType);
        Assert.Equal(Full.TimeToLive, read.TimeToLive);
        Assert.Equal(Full.Headers, read.Headers);
        Assert.Equal(Full.Body.ToArray(), read.Body.ToArray());
    }

    [Fact]
    public void Random_records_come_back() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<Guid>(),
        ArbMap.Default.ArbFor<(NonNull<string> Key, int Number, NonNull<string> Text)[]>(), (body, id, headers) =>
        {
            var record = new MessageRecord
            {
                MessageId = id,
                ContentType = headers.Length > 0 ? headers[0].Text.Get : null,
                TimeToLive = TimeSpan.FromMilliseconds(body.Length),
                Headers = [.. headers.SelectMany(x =>
                    new KeyValuePair<string, object>[] { new(x.Key.Get, x.Number), new(x.Text.Get, x.Text.Get) })],
                Body = body,
            };
            return MessageRecord.TryParse(record.Pack(), out var read) && read.MessageId == id && read.Body.Span.SequenceEqual(body)
                && Valid(read.ContentType) == Valid(string.IsNullOrEmpty(record.ContentType) ? null : record.ContentType)
                && read.TimeToLive == (body.Length == 0 ? TimeSpan.FromMilliseconds(1) : record.TimeToLive)
                && read.Headers.SequenceEqual(record.Headers.Select(x =>
                    new KeyValuePair<string, object>(Valid(x.Key)!, x.Value is string text ? Valid(text)! : x.Value)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Random_bytes_never_throw() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => IsRefusedOrRead(bytes)).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Random_bytes_behind_a_valid_beginning_never_throw() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        byte[] record = [1, 1, .. new byte[16], .. new byte[8], 3, 0, .. bytes];
        return IsRefusedOrRead(record);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void A_flipped_byte_anywhere_never_throws()
    {
        var bytes = Full.Pack();
        for (var i = 0; i < bytes.Length; i++)
        {
            foreach (var flip in (ReadOnlySpan<byte>)[0x01, 0x80, 0xFF])
            {
                var damaged = bytes.ToArray();
                damaged[i] ^= flip;
                Assert.True(IsRefusedOrRead(damaged));
            }
        }
    }

    [Fact]
    public void A_truncated_record_is_refused_and_never_read_as_something_else()
    {
        var bytes = Full.Pack();
        var head = bytes.Length - Full.Body.Length;

        for (var length = 0; length < head; length++)
            Assert.False(MessageRecord.TryParse(bytes.AsMemory(0, length), out _), $"The first {length} bytes were taken for a record.");
        Assert.True(MessageRecord.TryParse(bytes.AsMemory(0, head), out var withoutBody));
        Assert.Equal(0, withoutBody.Body.Length);
    }

    [Fact]
    public void Another_version_is_refused()
    {
        var bytes = Full.Pack();
        bytes[0] = 2;

        Assert.False(MessageRecord.TryParse(bytes, out _));
    }

    [Fact]
    public void A_string_that_claims_to_be_longer_than_the_record_is_refused()
    {
        byte[] record = [1, 0, 0xFF, 0xFF, 0xFF, 0x7F, (byte)'x'];
        byte[] negative = [1, 0, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'x'];

        Assert.False(MessageRecord.TryParse(record, out _));
        Assert.False(MessageRecord.TryParse(negative, out _));
    }

    [Fact]
    public void A_count_of_headers_above_the_bytes_there_are_is_refused_before_anything_is_allocated()
    {
        // Version, content type, message id, time to live, 65,535 headers, of which one is there.
        byte[] record = [1, 1, .. new byte[16], .. new byte[8], 0xFF, 0xFF, 1, 0, 0, 0, (byte)'h', 2];
        _ = MessageRecord.TryParse(record, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(MessageRecord.TryParse(record, out _));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256);
    }

    [Fact]
    public void No_claim_of_length_or_count_costs_more_memory_than_the_record_is_long()
    {
        var bytes = Full.Pack();
        foreach (var claim in (ReadOnlySpan<byte>)[0x7F, 0xFF])
        {
            for (var i = 0; i + 4 <= bytes.Length; i++)
            {
                var damaged = bytes.ToArray();
                damaged.AsSpan(i, 4).Fill(claim);
                var before = GC.GetAllocatedBytesForCurrentThread();
                _ = MessageRecord.TryParse(damaged, out _);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("application/x-something-else")]
    public void The_content_type_comes_back_known_or_not(string? contentType)
    {
        Assert.True(MessageRecord.TryParse(new MessageRecord { ContentType = contentType }.Pack(), out var read));
        Assert.Equal(contentType, read.ContentType);
    }

    [Fact]
    public void A_time_to_live_below_a_millisecond_is_not_taken_for_none()
    {
        Assert.True(MessageRecord.TryParse(new MessageRecord { TimeToLive = TimeSpan.FromTicks(1) }.Pack(), out var read));
        Assert.Equal(TimeSpan.FromMilliseconds(1), read.TimeToLive);
    }

    [Fact]
    public void A_time_to_live_for_ever_does_not_overflow()
    {
        Assert.True(MessageRecord.TryParse(new MessageRecord { TimeToLive = TimeSpan.MaxValue }.Pack(), out var read));
        Assert.Null(read.TimeToLive);
    }

    [Fact]
    public void Too_many_headers_are_refused_when_sent()
    {
        var record = new MessageRecord
        {
            Headers =
            [.. Enumerable.Range(0, ushort.MaxValue + 1).Select(x => new KeyValuePair<string, object>("h", x))]
        };

        Assert.Contains("65535", Assert.Throws<ArgumentException>(() => record.Pack()).Message, StringComparison.Ordinal);
    }

    static bool IsRefusedOrRead(byte[] bytes) => MessageRecord.TryParse(bytes, out var record) == record is not null;

    /// <summary>What is no text in UTF-16 (half a surrogate pair) is replaced on the way; the rest of the record must not suffer.</summary>
    static string? Valid(string? text) =>
        text is null ? null : System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
}
