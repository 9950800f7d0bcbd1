namespace MassTransit.Webhooks.Tests.Contracts;

public class WebhookTests
{
    [Fact]
    public void Message_id_is_the_same_for_a_repeat_and_another_for_anything_else()
    {
        var webhook = new Webhook { Receiver = "github", Id = "72d3162e" };

        Assert.Equal(webhook.GetMessageId(), (webhook with { Body = [1, 2, 3] }).GetMessageId());
        Assert.NotEqual(webhook.GetMessageId(), (webhook with { Receiver = "gitlab" }).GetMessageId());
        Assert.NotEqual(webhook.GetMessageId(), (webhook with { Id = "72d3162f" }).GetMessageId());
        Assert.NotEqual(new Webhook { Receiver = "a", Id = "bc" }.GetMessageId(), new Webhook { Receiver = "ab", Id = "c" }.GetMessageId());
    }

    [Fact]
    public void Message_id_is_a_uuid_of_version_8_and_does_not_change_between_versions_of_this_library()
    {
        var id = new Webhook { Receiver = "github", Id = "1" }.GetMessageId();

        Assert.Equal(8, id.Version);
        // sha256(00000006 "github" "1"), its version and variant set: computed apart from the library.
        Assert.Equal(Guid.Parse("62a16b6f-abdb-8887-bb85-52dc6f6262cb"), id);
    }

    [Fact]
    public void Message_id_holds_tenant_and_content_and_nothing_can_be_shifted_between_them()
    {
        Webhook[] all =
        [
            new() { Receiver = "r", Tenant = "a", Id = "bc" }, new() { Receiver = "r", Tenant = "ab", Id = "c" },
            new() { Receiver = "ra", Id = "bc" },
            new() { Receiver = "r", Tenant = "", Id = "abc" }, new() { Receiver = "r", Id = "abc" },
            new() { Receiver = "r", Id = "ab", ContentDigest = "c" },
            new() { Receiver = "r", Id = "abc", ContentDigest = "" }, new() { Receiver = "r", Tenant = "a", Id = "b", ContentDigest = "c" },
            // Longer than what is kept on the stack.
            new() { Receiver = "r", Tenant = "a", Id = new string('l', 3000) + "1" },
            new() { Receiver = "r", Tenant = "a", Id = new string('l', 3000) + "2" },
        ];

        Assert.Equal(all.Length, all.Select(x => x.GetMessageId()).Distinct().Count());
        // sha256(ffffffff 00000001 "r" 00000001 "t" 00000001 "1" 00000001 "d"), its version and variant set: computed apart from the
        // library.
        Assert.Equal(Guid.Parse("f25aed21-6fa4-878e-a132-93cc533fa1cf"),
            new Webhook { Receiver = "r", Tenant = "t", Id = "1", ContentDigest = "d" }.GetMessageId());
    }

    [Fact]
    public void Webhook_without_an_id_has_no_message_id_of_its_own() =>
        Assert.Equal(Guid.Empty, new Webhook { Receiver = "github" }.GetMessageId());
}
