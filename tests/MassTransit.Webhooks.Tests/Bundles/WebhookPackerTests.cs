namespace MassTransit.Webhooks.Tests.Bundles;

public sealed class WebhookPackerTests
{
    [Fact]
    public void Webhooks_come_back_as_they_were()
    {
        var webhooks = Enumerable.Range(0, 100).Select(Create).ToArray();

        var unpacked = WebhookPacker.Unpack(WebhookPacker.Pack(webhooks), webhooks.Length);

        Assert.Equal(webhooks.Length, unpacked.Length);
        foreach (var (expected, actual) in webhooks.Zip(unpacked))
        {
            Assert.Equal((expected.Id, expected.Receiver, expected.EventType, expected.ContentType, expected.Tenant),
                (actual.Id, actual.Receiver, actual.EventType, actual.ContentType, actual.Tenant));
            Assert.Equal((expected.ReceivedAt, expected.ReceivedAt.Offset), (actual.ReceivedAt, actual.ReceivedAt.Offset));
            Assert.Equal(expected.Headers.OrderBy(x => x.Key), actual.Headers.OrderBy(x => x.Key));
            Assert.Equal(expected.Body, actual.Body);
        }
    }

    [Fact]
    public void Bytes_cut_anywhere_are_refused()
    {
        var packed = WebhookPacker.Pack([Create(1), Create(2)]);

        for (var length = 0; length < packed.Length; length++)
            Assert.Throws<FormatException>(() => WebhookPacker.Unpack(packed.AsSpan(0, length), 2));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(2_000_000_000)]
    public void Count_that_is_not_that_of_the_bytes_is_damage_and_costs_no_memory(int count)
    {
        var packed = WebhookPacker.Pack([Create(1), Create(2), Create(3)]);

        Assert.InRange(Allocated(() => Assert.Throws<FormatException>(() => WebhookPacker.Unpack(packed, count))), 0, 50_000);
    }

    [Fact]
    public void Count_of_more_webhooks_than_the_bytes_could_hold_is_refused_before_room_is_made_for_them()
    {
        byte[] bytes = [1, .. new byte[16 * 10_000]];

        Assert.InRange(Allocated(() => Assert.Throws<FormatException>(() => WebhookPacker.Unpack(bytes, 150_000))), 0, 50_000);
    }

    /// <summary>60,000 headers with the same empty name, and no body after them.</summary>
    [Fact]
    public void Count_of_headers_costs_no_memory_before_the_headers_are_read()
    {
        byte[] bytes = [1, .. new byte[14], 0xE0, 0xD4, 0x03, .. new byte[2 * 60_000]];

        Assert.InRange(Allocated(() => Assert.Throws<FormatException>(() => WebhookPacker.Unpack(bytes, 1))), 0, 50_000);
    }

    [Fact]
    public void Bytes_that_are_left_over_are_damage()
    {
        var packed = WebhookPacker.Pack([Create(1), Create(2)]);

        var refusal = Assert.Throws<FormatException>(() => WebhookPacker.Unpack([.. packed, 0, 0, 0], 2));
        Assert.Contains("3 bytes are left", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => WebhookPacker.Unpack([.. packed, .. packed[1..]], 3));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x07 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x0F })]
    [InlineData(new byte[] { 0x80, 0x94, 0xEB, 0xDC, 0x03 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    public void Length_or_count_of_gigabytes_anywhere_is_refused_before_it_is_paid_for(byte[] number)
    {
        var packed = WebhookPacker.Pack([Create(3), Create(6)]);

        for (var at = 1; at < packed.Length; at++)
        {
            byte[] bytes = [.. packed[..at], .. number, .. packed[at..]];
            var allocated = Allocated(() =>
            {
                try
                {
                    WebhookPacker.Unpack(bytes, 2);
                }
                catch (FormatException)
                {
                    // Inside a text it is text, else it is refused.
                }
            });
            Assert.InRange(allocated, 0, 200_000);
        }
    }

    [Fact]
    public void Random_bytes_are_refused_or_read()
    {
        var random = new Random(4711);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            bytes[0] = 1;
            try
            {
                WebhookPacker.Unpack(bytes, random.Next(1, 5));
            }
            catch (FormatException)
            {
                // What it should be; any other exception fails the test.
            }
        }
    }

    [Fact]
    public void Newer_version_says_so()
    {
        var refusal = Assert.Throws<FormatException>(() => WebhookPacker.Unpack([2, 0, 0], 1));

        Assert.Contains("newer release", refusal.Message, StringComparison.Ordinal);
    }

    static long Allocated(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    static Webhook Create(int number) => new()
    {
        Id = number % 7 == 0 ? "" : $"wh-{number}",
        Receiver = number % 2 == 0 ? "github" : "",
        EventType = number % 3 == 0 ? "push" : "größe ✓",
        ReceivedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, number, TimeSpan.FromMinutes(number % 2 == 0 ? 60 : -570)),
        ContentType = number % 4 == 0 ? null : "application/json",
        Tenant = number % 5 == 0 ? null : $"tenant-{number % 3}",
        Headers = Enumerable.Range(0, number % 4).ToDictionary(x => $"x-{x}", x => $"{x * number} ü"),
        Body = [.. Enumerable.Range(0, number * 10).Select(x => (byte)x)],
    };
}
