using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

public class SecretTextTests
{
    const string Good = "a secret of some length";

    /// <summary>What files, shells and copying make of a secret; white space alone is what an attacker tries first.</summary>
    public static TheoryData<string, string> Wrong => new()
    {
        { "", "is empty" },
        { " ", "is nothing but white space" },
        { "\t \r\n", "is nothing but white space" },
        { "\u00a0", "is nothing but white space" },
        { "\u200b\ufeff", "is nothing but white space" },
        { " " + Good, "begins with white space" },
        { Good + " ", "ends with white space" },
        { Good + "\n", "ends with a line break" },
        { Good + "\r\n", "ends with a line break" },
        { Good + "\u200b", "ends with white space" },
        { "\ufeff" + Good, "begins with a byte order mark" },
        { $"\"{Good}\"", "stands in quotes" },
        { $"'{Good}'", "stands in quotes" },
        { "\"\"", "stands in quotes" }
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task Text_secret_that_was_copied_badly_keeps_the_receiver_from_starting(string secret, string expected)
    {
        foreach (var configure in new Action<WebhookReceiverBuilder>[]
            { r => r.GitHub(o => o.Secrets.Add(secret)), r => r.Stripe(o => o.Secrets.Add(secret)),
                r => r.Token(configure: o => o.Secrets.Add(secret)) })
        {
            var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
                Receivers.StartAsync(b => b.Services.AddWebhookReceiver("r", configure)));
            Assert.Contains($"Secrets[0] {expected}", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Good, refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>A provider is asked at each request: its mistakes must not let anyone in either.</summary>
    [Theory, MemberData(nameof(Wrong))]
    public void Text_secret_that_was_copied_badly_accepts_nobody(string secret, string expected)
    {
        foreach (var vector in new[] { Vectors.GitHub, Vectors.Slack,
            new Delivery(new TokenScheme(new WebhookTokenOptions()), secret, 0, "x", new() { ["X-Gitlab-Token"] = "x" + secret }) })
            Assert.Equal("secrets-unavailable", vector.Verify(secret));
        Assert.NotEmpty(expected);
    }

    [Theory]
    [InlineData("It's a Secret to Everybody")]
    [InlineData("\"half quoted")]
    [InlineData("schlüssel mit umlaut")]
    public void Text_secret_may_have_anything_inside(string secret) => Assert.Null(SecretText.FindError(secret));

    [Fact]
    public void Base64_secret_may_end_with_a_line_break() =>
        Assert.Null(new StandardWebhooksScheme().FindSecretError("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"));
}
