using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.UnitTests.Keyspace;

public sealed class QueueNameTests
{
    [Theory]
    [InlineData("orders", "orders")]
    [InlineData("orders_error", "orders")]
    [InlineData("orders_skipped", "orders")]
    [InlineData("orders_error_error", "orders")]
    [InlineData("orders_skipped_error", "orders")]
    [InlineData("_error", "_error")]
    [InlineData("_error_error", "_error")]
    [InlineData("terror", "terror")]
    [InlineData("orders_Error", "orders_Error")]
    public void The_tag_is_the_name_without_its_dead_letter_suffixes(string name, string tag)
    {
        Assert.Equal(tag, QueueName.Parse(name).Tag);
        Assert.Equal(name, QueueName.Parse(name).Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a{b}")]
    [InlineData("a/b")]
    [InlineData("a?b")]
    [InlineData("a*")]
    [InlineData("ä")]
    [InlineData("a\n")]
    public void A_name_that_cannot_be_part_of_a_key_or_an_address_is_refused_with_the_rule(string name)
    {
        Assert.False(QueueName.IsValid(name));
        var exception = Assert.Throws<ArgumentException>(() => QueueName.Parse(name));

        Assert.Contains($"'{name}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("A-Z a-z 0-9 - _ . :", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_length_is_bounded()
    {
        Assert.True(QueueName.IsValid(new string('q', QueueName.MaxLength)));
        Assert.False(QueueName.IsValid(new string('q', QueueName.MaxLength + 1)));
        Assert.False(QueueName.IsValid(null));
    }

    [Fact]
    public void Names_are_equal_when_their_text_is()
    {
        Assert.Equal(QueueName.Parse("orders"), QueueName.Parse("orders"));
        Assert.Equal(QueueName.Parse("orders").GetHashCode(), QueueName.Parse("orders").GetHashCode());
        Assert.NotEqual(QueueName.Parse("orders"), QueueName.Parse("Orders"));
        Assert.False(QueueName.Parse("orders").Equals((object)"orders"));
        Assert.Equal("orders", QueueName.Parse("orders").ToString());
    }

    [Theory]
    [InlineData("orders", null)]
    [InlineData("orders_error", "orders")]
    [InlineData("orders_skipped", "orders")]
    [InlineData("orders_error_skipped", "orders_error")]
    [InlineData("_error", null)]
    public void A_dead_letter_queue_is_known_by_its_name_and_leads_to_its_original(string queue, string? original)
    {
        Assert.Equal(original, QueueName.OriginalOf(queue));
        if (original is not null)
            Assert.Contains(queue, QueueName.DeadLetterQueuesOf(original));
    }

    [Fact]
    public void A_name_that_leaves_no_room_for_a_suffix_has_no_dead_letter_queue_by_its_name() =>
        Assert.Equal(new string('q', 249) + "_error", Assert.Single(QueueName.DeadLetterQueuesOf(new string('q', 249))));
}
