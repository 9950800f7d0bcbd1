using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

public class GenericSchemeTests
{
    const string Body = "{\"a\":1}";

    [Theory]
    [InlineData(WebhookCodeEncoding.Hex, WebhookHash.Sha256)]
    [InlineData(WebhookCodeEncoding.Hex, WebhookHash.Sha512)]
    [InlineData(WebhookCodeEncoding.Base64, WebhookHash.Sha256)]
    [InlineData(WebhookCodeEncoding.Base64, WebhookHash.Sha512)]
    public void Declared_signature_is_accepted(WebhookCodeEncoding encoding, WebhookHash hash)
    {
        var scheme = new HmacScheme(new WebhookHmacOptions
        {
            Header = "X-Sig",
            Prefix = "sig=",
            Encoding = encoding,
            Hash = hash,
            SignedContent = "a:{id}:{timestamp}:{body}:z",
            IdHeader = "X-Id",
            TimestampHeader = "X-Time"
        });
        var content = Encoding.UTF8.GetBytes($"a:i1:1000:{Body}:z");
        var key = Encoding.UTF8.GetBytes("secret");
        var code = hash == WebhookHash.Sha256 ? HMACSHA256.HashData(key, content) : HMACSHA512.HashData(key, content);
        var text = encoding == WebhookCodeEncoding.Hex ? Convert.ToHexString(code) : Convert.ToBase64String(code);
        var delivery =
            new Delivery(scheme, "secret", 1300, Body, new() { ["X-Sig"] = "sig=" + text, ["X-Id"] = "i1", ["X-Time"] = "1000" });

        Assert.Equal("accepted", delivery.Verify());
        Assert.Equal("timestamp-outside-window", (delivery with { Now = 1301 }).Verify());
        Assert.Equal("id-missing", delivery.Without("X-Id").Verify());
        Assert.Equal("timestamp-missing", delivery.Without("X-Time").Verify());
        Assert.Equal("signature-mismatch", delivery.With("X-Id", "i2").Verify());
        Assert.Equal("signature-malformed", delivery.WithSignature(text).Verify());
        Assert.Equal("signature-malformed", delivery.WithSignature("sig=%").Verify());
    }

    [Theory]
    [InlineData("{id}")]
    [InlineData("{body}{nonsense}")]
    [InlineData("{body")]
    [InlineData("")]
    public void Template_that_does_not_sign_the_body_is_refused_at_startup(string template) =>
        Assert.Throws<ArgumentException>(() =>
            new HmacScheme(new WebhookHmacOptions { Header = "X-Sig", SignedContent = template }));

    [Fact]
    public void Contradictory_options_are_refused_at_startup()
    {
        Assert.Throws<ArgumentException>(() => new HmacScheme(new WebhookHmacOptions()));
        Assert.Throws<ArgumentException>(() => new HmacScheme(new WebhookHmacOptions { Header = "X", TimestampHeader = "X-Time" }));
        Assert.Throws<ArgumentException>(() =>
            new HmacScheme(new WebhookHmacOptions { Header = "X", SignedContent = "{id}{body}" }));
    }

    [Fact]
    public void Token_is_compared_whole()
    {
        var delivery = new Delivery(new TokenScheme(new WebhookTokenOptions()), "token", 0, Body, new() { ["X-Gitlab-Token"] = "token" });
        Assert.Equal("accepted", delivery.Verify());
        Assert.Equal("accepted", delivery.Verify("other", "token"));
        foreach (var wrong in new[] { "toke", "token1", "Token", "\ud800" })
            Assert.Equal("signature-mismatch", delivery.WithSignature(wrong).Verify());
        Assert.Equal("signature-missing", delivery.WithSignature("").Verify(""));
        Assert.Equal("secrets-unavailable", delivery.Verify(""));
        Assert.Equal("signature-malformed", delivery.WithSignature("token", "token").Verify());
    }
}
