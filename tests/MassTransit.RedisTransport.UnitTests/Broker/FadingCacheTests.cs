using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.UnitTests.Broker;

public sealed class FadingCacheTests
{
    [Fact]
    public void What_is_not_used_any_more_is_forgotten_and_what_is_used_stays()
    {
        var cache = new FadingCache<int, object>(TimeSpan.FromHours(1), capacity: 10, _ => new object());
        var used = cache.Get(-1);

        for (var i = 0; i < 1_000; i++)
        {
            cache.Get(i);
            Assert.Same(used, cache.Get(-1));
            Assert.InRange(cache.Count, 1, 20);
        }
    }

    [Fact]
    public void What_is_at_work_is_not_forgotten()
    {
        var busy = true;
        var cache = new FadingCache<int, object>(TimeSpan.FromHours(1), capacity: 10, _ => new object(), _ => !busy);
        var value = cache.Get(-1);
        for (var i = 0; i < 100; i++)
            cache.Get(i);
        Assert.True(cache.TryGet(-1, out var kept));
        Assert.Same(value, kept);

        busy = false;
        for (var i = 100; i < 200; i++)
            cache.Get(i);
        Assert.False(cache.TryGet(-1, out _));
    }

    [Fact]
    public void Time_ends_a_generation_too()
    {
        var cache = new FadingCache<int, object>(TimeSpan.Zero, capacity: 10, _ => new object());
        cache.Get(1);

        for (var i = 2; i < 6; i++)
            cache.Get(i);

        Assert.False(cache.TryGet(1, out _));
        Assert.True(cache.TryGet(5, out _));
    }

    [Fact]
    public async Task Many_threads_get_one_value()
    {
        var cache = new FadingCache<int, object>(TimeSpan.FromHours(1), capacity: 1_000, _ => new object());

        var values = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => cache.Get(7))));

        Assert.Single(values.Distinct());
    }
}
