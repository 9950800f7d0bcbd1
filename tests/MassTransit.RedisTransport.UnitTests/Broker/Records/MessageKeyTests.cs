using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.UnitTests.Broker.Records;

public sealed class MessageKeyTests
{
    [Fact]
    public void A_key_comes_back_from_its_text()
    {
        var key = new MessageKey(255, (1L << 52) - 1, 1_048_575) { MessageCount = 256 };

        Assert.Equal("fffffffffffffffffffff"[..2] + "fffffffffffff" + "fffffff", key.ToString());
        Assert.True(MessageKey.TryParse(Encoding.ASCII.GetBytes(key.ToString()), out var parsed));
        Assert.Equal(key, parsed);
    }

    [Fact]
    public void Every_key_has_the_same_width_and_comes_back() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte>(), ArbMap.Default.ArbFor<uint>(), ArbMap.Default.ArbFor<ushort>(), (priority, place, counter) =>
        {
            var key = new MessageKey(priority, place, counter);
            var text = key.ToString();
            return text.Length == MessageKey.Length && MessageKey.TryParse(Encoding.ASCII.GetBytes(text), out var parsed) && parsed == key;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("foreign")]
    [InlineData("0500000000000010000000")]
    [InlineData("zz00000000000010000000")]
    [InlineData("05000000000000100000-1")]
    [InlineData("05 0000000000010000000")]
    public void Text_that_no_script_wrote_is_refused_or_read_whole(string text)
    {
        var parsed = MessageKey.TryParse(Encoding.ASCII.GetBytes(text), out var key);

        Assert.Equal(text == "0500000000000010000000", parsed);
        Assert.True(parsed || key == default);
    }

    [Fact]
    public void Random_bytes_never_throw() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => MessageKey.TryParse(bytes, out var key) || key == default)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_place_is_the_time_the_message_became_available()
    {
        var time = new DateTimeOffset(2026, 5, 4, 3, 2, 1, 7, TimeSpan.Zero);
        var key = new MessageKey(0, (time - MessageKey.Epoch).Ticks / TimeSpan.TicksPerMicrosecond, 0);

        Assert.Equal(time, key.Time);
        Assert.Equal((long)(time - MessageKey.Epoch).TotalMilliseconds, key.PlaceMilliseconds);
    }

    [Fact]
    public void A_more_urgent_message_has_a_lower_sequence_number_and_an_earlier_one_too()
    {
        MessageKey urgent = new(6, 2_000, 0), early = new(5, 1_000, 0), late = new(5, 1_001, 0);

        Assert.True(urgent.SequenceNumber(null) < early.SequenceNumber(null));
        Assert.True(early.SequenceNumber(null) < late.SequenceNumber(null));
        Assert.True(new MessageKey(255, 0, 0).SequenceNumber(null) < new MessageKey(0, 1L << 46, 0).SequenceNumber(null));
    }

    [Fact]
    public void Aging_bounds_the_head_start_of_a_priority()
    {
        var aging = TimeSpan.FromSeconds(1);
        MessageKey waiting = new(0, 0, 0), justBefore = new(3, 2_999_999, 0), after = new(3, 3_000_001, 0);

        Assert.True(justBefore.SequenceNumber(aging) < waiting.SequenceNumber(aging));
        Assert.True(waiting.SequenceNumber(aging) < after.SequenceNumber(aging));
    }
}
