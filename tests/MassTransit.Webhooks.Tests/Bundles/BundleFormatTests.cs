using System.Text;

namespace MassTransit.Webhooks.Tests.Bundles;

/// <summary>
/// The bytes of a bundle. Bundles wait in Redis while an application is updated, so a later version must read what an earlier one has
/// written: what these tests state can be added to, and never changed.
/// </summary>
public sealed class BundleFormatTests
{
    static readonly byte[] Ticks = BitConverter.GetBytes(new DateTimeOffset(2026, 1, 2, 1, 4, 5, TimeSpan.Zero).Ticks);

    [Fact]
    public void A_webhook_is_packed_field_by_field()
    {
        var webhook = new Webhook
        {
            Id = "i",
            Receiver = "re",
            EventType = "eve",
            ReceivedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
            ContentType = "a/b",
            Tenant = "t",
            Headers = new Dictionary<string, string> { ["h"] = "vw" },
            Body = [7, 8],
        };

        Assert.Equal(
        [
            1,
            1, .. "i"u8, 2, .. "re"u8, 3, .. "eve"u8,
            .. Ticks, 120,
            1, 3, .. "a/b"u8, 1, 1, .. "t"u8,
            1, 1, .. "h"u8, 2, .. "vw"u8,
            2, 7, 8,
        ], WebhookPacker.Pack([webhook]));
    }

    [Fact]
    public void The_smallest_webhook_and_the_smallest_header_are_read()
    {
        byte[] smallest = [1, 0, 0, 0, .. Ticks, 0, 0, 0, 0, 0];
        Assert.Equal("", Assert.Single(WebhookPacker.Unpack(smallest, 1)).Id);
        Assert.Equal(2, WebhookPacker.Unpack([.. smallest, .. smallest[1..]], 2).Length);

        byte[] header = [1, 0, 0, 0, .. Ticks, 0, 0, 0, 1, 0, 0, 0];
        Assert.Equal(KeyValuePair.Create("", ""), Assert.Single(Assert.Single(WebhookPacker.Unpack(header, 1)).Headers));
    }

    [Fact]
    public void Texts_that_repeat_are_read_as_what_they_are()
    {
        Webhook[] webhooks =
        [
            new() { Id = "1", Receiver = "a", EventType = "x", ContentType = "t/1" },
            new() { Id = "2", Receiver = "a", EventType = "y", ContentType = "t/1" },
            new() { Id = "3", Receiver = "b", EventType = "y", ContentType = null },
            new() { Id = "4", Receiver = "b", EventType = "x", ContentType = "t/2" },
        ];

        var read = WebhookPacker.Unpack(WebhookPacker.Pack(webhooks), webhooks.Length);

        Assert.Equal(webhooks.Select(x => (x.Id, x.Receiver, x.EventType, x.ContentType)),
            read.Select(x => (x.Id, x.Receiver, x.EventType, x.ContentType)));
        Assert.Same(read[0].Receiver, read[1].Receiver);
        Assert.Same(read[0].ContentType, read[1].ContentType);
    }

    [Theory]
    [InlineData(new byte[] { 2 }, "has version 2, which a newer release has written: update this process, then replay the message")]
    [InlineData(new byte[] { 1 }, "it is said to hold 1 webhooks, and has 0 bytes")]
    // The length of the id: the largest number, one above it, one without an end, a negative one.
    [InlineData(new byte[] { 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07 }, "it ends before its content does")]
    [InlineData(new byte[] { 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F }, "a number does not end")]
    [InlineData(new byte[] { 1, 0x80, 0x80, 0x80, 0x80, 0x80 }, "a number does not end")]
    [InlineData(new byte[] { 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F }, "it ends before its content does")]
    // A time after the last, a flag that is neither 0 nor 1, more headers than there are bytes.
    [InlineData(new byte[] { 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 127, 0 }, "a time is none")]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2 }, "neither that a text is there nor that it is not")]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12 }, "it names more than there is")]
    public void Damage_is_named(byte[] bytes, string message)
    {
        // Padded to the size of a webhook, so that the field is what is wrong.
        byte[] padded = bytes.Length < 3 ? bytes : [.. bytes, .. new byte[12]];

        Assert.Contains(message, Assert.Throws<FormatException>(() => WebhookPacker.Unpack(padded, 1)).Message, StringComparison.Ordinal);
    }

    /// <summary>Bundles are filled by it, and memory is bounded by it: what is estimated too low would break both limits.</summary>
    [Fact]
    public void The_estimate_counts_every_text_and_is_not_far_from_the_truth()
    {
        Assert.Equal(48, WebhookPacker.Measure(new Webhook()));
        foreach (var webhook in (Webhook[])
        [
            new() { Id = new string('i', 1_000) }, new() { Receiver = new string('r', 1_000) },
            new() { EventType = new string('e', 1_000) },
            new() { ContentType = new string('c', 1_000) }, new() { Tenant = new string('t', 1_000) }, new() { Body = new byte[1_000] },
            new() { Headers = new Dictionary<string, string> { [new string('k', 400)] = new string('v', 596) } },
        ])
        {
            Assert.Equal(1_048, WebhookPacker.Measure(webhook));
            Assert.InRange(WebhookPacker.Pack([webhook]).Length, 1_000, 1_048);
        }

        var two = new Webhook { Headers = new Dictionary<string, string> { ["a"] = "b", ["c"] = "d" } };
        Assert.Equal(48 + 2 * (4 + 2), WebhookPacker.Measure(two));
    }

    [Fact]
    public void A_text_beyond_ascii_comes_back_though_it_takes_more_than_estimated()
    {
        var id = string.Concat(Enumerable.Repeat("\U0001F98A", 200));

        var packed = WebhookPacker.Pack([new Webhook { Id = id }]);

        Assert.True(packed.Length > Encoding.UTF8.GetByteCount(id));
        Assert.Equal(id, Assert.Single(WebhookPacker.Unpack(packed, 1)).Id);
    }
}
