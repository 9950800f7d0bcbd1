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
    public void Webhook_without_an_id_has_no_message_id_of_its_own() => Assert.Equal(Guid.Empty, new Webhook { Receiver = "github" }.GetMessageId());
}
