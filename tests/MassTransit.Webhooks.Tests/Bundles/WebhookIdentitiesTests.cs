namespace MassTransit.Webhooks.Tests.Bundles;

public sealed class WebhookIdentitiesTests
{
    static readonly Webhook[] Webhooks =
    [
        new() { Id = "1", ContentDigest = "0123456789abcdef", IsIdSigned = true, IsEventTypeSigned = true },
        new() { Id = "2" },
        new() { Id = "3", ContentDigest = "" },
        new() { Id = "4", IsEventTypeSigned = true },
    ];

    [Fact]
    public void Identities_come_back_as_they_were_and_message_ids_with_them()
    {
        var webhooks = Webhooks.Select(x => x with { ContentDigest = null, IsIdSigned = false, IsEventTypeSigned = false }).ToArray();

        WebhookIdentities.Unpack(WebhookIdentities.Pack(Webhooks), webhooks);

        Assert.Equal(Webhooks.Select(x => (x.Id, x.ContentDigest, x.IsIdSigned, x.IsEventTypeSigned, x.GetMessageId())),
            webhooks.Select(x => (x.Id, x.ContentDigest, x.IsIdSigned, x.IsEventTypeSigned, x.GetMessageId())));
    }

    [Fact]
    public void Webhooks_of_applications_and_bundles_of_older_processes_have_none()
    {
        Assert.Null(WebhookIdentities.Pack([new Webhook { Id = "1" }, new Webhook { Id = "2", Tenant = "a" }]));
        Webhook[] webhooks = [new() { Id = "1" }];
        WebhookIdentities.Unpack(null, webhooks);
        Assert.Null(webhooks[0].ContentDigest);
    }

    [Fact]
    public void Damaged_bytes_are_refused_before_anything_is_allocated_for_them()
    {
        var packed = WebhookIdentities.Pack(Webhooks)!;
        for (var length = 0; length < packed.Length; length++)
            Assert.Throws<FormatException>(() =>
                WebhookIdentities.Unpack(packed[..length], new Webhook[4].Select(_ => new Webhook()).ToArray()));
        Assert.Throws<FormatException>(() => WebhookIdentities.Unpack([.. packed, 0], new Webhook[4].Select(_ => new Webhook()).ToArray()));
        Assert.Throws<FormatException>(() => WebhookIdentities.Unpack([4, 0xFF, 0xFF, 0xFF, 0xFF, 0x07], [new Webhook()]));
        Assert.Throws<FormatException>(() => WebhookIdentities.Unpack([4, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [new Webhook()]));
    }
}
