using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.UnitTests.Broker.Records;

public sealed class HeaderValueTests
{
    public static TheoryData<object, object> Values => new()
    {
        { "text", "text" },
        { "", "" },
        { true, true },
        { false, false },
        { 7, 7 },
        { int.MinValue, int.MinValue },
        { (short)-3, -3 },
        { (byte)200, 200 },
        { (sbyte)-1, -1 },
        { ushort.MaxValue, 65_535 },
        { long.MinValue, long.MinValue },
        { uint.MaxValue, 4_294_967_295L },
        { ulong.MaxValue, "18446744073709551615" },
        { 0.1, 0.1 },
        { double.NaN, double.NaN },
        { double.NegativeInfinity, double.NegativeInfinity },
        { 0.5f, 0.5 },
        { 12.50m, "12.50" },
        { Guid.Parse("11111111-2222-3333-4444-555555555555"), Guid.Parse("11111111-2222-3333-4444-555555555555") },
        { new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-210)),
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-210)) },
        { DateTimeOffset.MinValue, DateTimeOffset.MinValue },
        { DateTimeOffset.MaxValue, DateTimeOffset.MaxValue },
        { new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), "2026-01-02T03:04:05.0000000Z" },
        { TimeSpan.FromSeconds(90), "00:01:30" },
        { new Uri("queue:orders"), "queue:orders" },
        { DayOfWeek.Friday, "Friday" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_header_comes_back_as_its_own_type_or_as_text(object value, object expected)
    {
        var packed = new MessageRecord { Headers = [new("name", value), new("behind", 1)] }.Pack();

        Assert.True(MessageRecord.TryParse(packed, out var read));
        Assert.Equal([new("name", expected), new("behind", 1)], read.Headers);
        Assert.IsType(expected.GetType(), read.Headers[0].Value);
        if (value is DateTimeOffset time)
            Assert.Equal(time.Offset, ((DateTimeOffset)read.Headers[0].Value).Offset);
    }

    [Theory]
    [InlineData(long.MinValue, 0)]
    [InlineData(long.MaxValue, 0)]
    [InlineData(0, long.MinValue)]
    [InlineData(0, 1)]
    [InlineData(0, TimeSpan.TicksPerHour * 14)]
    [InlineData(TimeSpan.TicksPerDay, TimeSpan.TicksPerHour * 15)]
    public void A_damaged_time_is_refused_without_an_exception(long ticks, long offset)
    {
        byte[] record =
        [
            1, 1, .. new byte[16], .. new byte[8], 1, 0,
            1, 0, 0, 0, (byte)'t', 8, .. BitConverter.GetBytes(ticks), .. BitConverter.GetBytes(offset),
        ];

        Assert.False(MessageRecord.TryParse(record, out _));
    }

    [Fact]
    public void An_unknown_type_is_refused()
    {
        byte[] record = [1, 1, .. new byte[16], .. new byte[8], 1, 0, 1, 0, 0, 0, (byte)'t', 99];

        Assert.False(MessageRecord.TryParse(record, out _));
    }
}
