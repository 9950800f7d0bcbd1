using MassTransit.Shared;

namespace MassTransit.RedisTransport.UnitTests.Shared;

public sealed class DeadlineTests
{
    readonly Clock _clock = new();

    [Fact]
    public void What_is_left_shrinks_until_it_is_over()
    {
        var deadline = Deadline.After(TimeSpan.FromSeconds(10), _clock);
        Assert.Equal(TimeSpan.FromSeconds(10), deadline.Left);
        Assert.False(deadline.IsOver);

        _clock.Seconds = 9;
        Assert.Equal(TimeSpan.FromSeconds(1), deadline.Left);
        Assert.Equal(TimeSpan.FromSeconds(9), deadline.Elapsed);
        Assert.Equal(TimeSpan.FromSeconds(1), deadline.LeftForStep);

        _clock.Seconds = 10;
        Assert.True(deadline.IsOver);
        _clock.Seconds = 12;
        Assert.Equal(TimeSpan.FromSeconds(-2), deadline.Left);
        Assert.Equal(TimeSpan.FromMilliseconds(250), deadline.LeftForStep);
    }

    [Fact]
    public void Handing_it_on_does_not_begin_it_anew()
    {
        var first = Deadline.After(TimeSpan.FromSeconds(10), _clock);
        _clock.Seconds = 4;
        var second = first;

        Assert.Equal(TimeSpan.FromSeconds(6), second.Left);
        Assert.NotEqual(second, Deadline.After(TimeSpan.FromSeconds(10), _clock));
    }

    sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
