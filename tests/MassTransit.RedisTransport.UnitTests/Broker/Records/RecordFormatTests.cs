using System.Buffers.Binary;
using System.Text;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.UnitTests.Broker.Records;

/// <summary>
/// The bytes of a record. Messages wait in Redis while an application is updated, so a later version must read what an earlier one has
/// written: what these tests state can be added to, and never changed.
/// </summary>
public sealed class RecordFormatTests
{
    [Theory]
    [InlineData(1, "application/vnd.masstransit+json")]
    [InlineData(2, "application/json")]
    [InlineData(3, "application/vnd.masstransit+bson")]
    [InlineData(4, "application/octet-stream")]
    [InlineData(5, "application/vnd.masstransit+aes")]
    [InlineData(6, "application/vnd.masstransit.v2+aes")]
    [InlineData(7, "application/vnd.masstransit+msgpack")]
    [InlineData(8, "text/plain")]
    public void A_known_content_type_is_one_byte(byte code, string contentType)
    {
        var bytes = new MessageRecord { ContentType = contentType }.Pack();

        Assert.Equal([1, code], bytes[..2]);
        Assert.Equal(28, bytes.Length);
        Assert.True(MessageRecord.TryParse(bytes, out var read));
        Assert.Equal(contentType, read.ContentType);
    }

    [Fact]
    public void Another_content_type_is_text_and_none_is_an_empty_one()
    {
        var other = new MessageRecord { ContentType = "a/b" }.Pack();
        Assert.Equal([1, 0, 3, 0, 0, 0, (byte)'a', (byte)'/', (byte)'b'], other[..9]);
        Assert.True(MessageRecord.TryParse(other, out var read));
        Assert.Equal("a/b", read.ContentType);

        var none = new MessageRecord().Pack();
        Assert.Equal([1, 0, 0, 0, 0, 0], none[..6]);
        Assert.True(MessageRecord.TryParse(none, out read));
        Assert.Null(read.ContentType);
    }

    [Fact]
    public void A_content_type_that_only_a_later_version_knows_is_refused()
    {
        var bytes = new MessageRecord { ContentType = "text/plain" }.Pack();
        bytes[1] = 9;

        Assert.False(MessageRecord.TryParse(bytes, out _));
    }

    [Fact]
    public void A_content_type_that_ends_in_the_middle_is_refused()
    {
        var bytes = new MessageRecord { ContentType = "application/x-other" }.Pack();

        for (var length = 2; length < 25; length++)
            Assert.False(MessageRecord.TryParse(bytes.AsMemory(0, length), out _), $"{length} bytes");
    }

    [Fact]
    public void As_many_headers_are_possible_as_two_bytes_count()
    {
        var headers = Enumerable.Range(0, ushort.MaxValue).Select(x => new KeyValuePair<string, object>("h", true)).ToList();
        Assert.True(MessageRecord.TryParse(new MessageRecord { Headers = headers }.Pack(), out var read));
        Assert.Equal(ushort.MaxValue, read.Headers.Count);

        headers.Add(new KeyValuePair<string, object>("h", true));
        var refused = Assert.Throws<ArgumentException>(() => new MessageRecord { Headers = headers }.Pack());
        Assert.Contains("65536 headers; at most 65535", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Nothing follows the last header: each length is looked at before the bytes are.</summary>
    [Fact]
    public void A_header_of_any_type_may_be_the_last_thing_in_a_record()
    {
        object[] values = ["text", "", true, false, 42, long.MinValue, 1.5, Guid.NewGuid(),
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(-14))];
        foreach (var value in values)
        {
            Assert.True(MessageRecord.TryParse(new MessageRecord { Headers = [new("h", value)] }.Pack(), out var read), value.ToString());
            Assert.Equal(value, Assert.Single(read.Headers).Value);
        }

        Assert.False(MessageRecord.TryParse(new MessageRecord { MessageId = Guid.NewGuid() }.Pack().AsMemory(0, 21), out _));
    }

    [Fact]
    public void A_value_of_another_type_becomes_its_text()
    {
        object[] values =
        [
            new Uri("https://example.com/a"), 1.5m, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), new StringBuilder("built"),
            new Wordless(),
        ];
        var bytes = new MessageRecord { Headers = [.. values.Select(x => new KeyValuePair<string, object>("h", x))] }.Pack();

        Assert.True(MessageRecord.TryParse(bytes, out var read));
        Assert.Equal(["https://example.com/a", "1.5", "2026-01-02T03:04:05.0000000Z", "built", ""],
            read.Headers.Select(x => x.Value));
    }

    [Fact]
    public void A_header_whose_name_has_no_possible_length_is_refused()
    {
        foreach (var length in (int[])[-1, int.MinValue, 2, int.MaxValue])
        {
            // One header: the length of its name, then a byte that would be the type of a header without a name.
            byte[] bytes = [.. new MessageRecord { ContentType = "text/plain" }.Pack(), 0, 0, 0, 0, 2];
            bytes[26] = 1;
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), length);

            Assert.False(MessageRecord.TryParse(bytes, out _), $"{length}");
        }
    }

    [Fact]
    public void A_time_before_the_first_or_after_the_last_is_refused()
    {
        foreach (var (ticks, offset) in new[]
        {
            (0L, TimeSpan.TicksPerHour), (DateTime.MaxValue.Ticks, -TimeSpan.TicksPerHour), (-1L, 0L), (long.MaxValue, 0L),
            (long.MinValue, 0L),
            (1L << 50, 15 * TimeSpan.TicksPerHour), (1L << 50, -15 * TimeSpan.TicksPerHour), (1L << 50, 1L),
        })
        {
            var bytes = new MessageRecord { ContentType = "text/plain", Headers = [new("t", DateTimeOffset.UnixEpoch)] }.Pack();
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(bytes.Length - 16), ticks);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(bytes.Length - 8), offset);

            Assert.False(MessageRecord.TryParse(bytes, out _), $"{ticks} {offset}");
        }
    }

    /// <summary>A damaged number must not cost memory: room is made only for what the bytes could hold.</summary>
    [Fact]
    public void A_number_of_headers_that_the_bytes_cannot_hold_is_refused_before_room_is_made_for_them()
    {
        byte[] bytes = [.. new MessageRecord { ContentType = "text/plain" }.Pack(), .. new byte[13_200]];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(26), ushort.MaxValue);
        Assert.False(MessageRecord.TryParse(bytes, out _));

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(MessageRecord.TryParse(bytes, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    sealed class Wordless
    {
        public override string? ToString() => null;
    }
}
