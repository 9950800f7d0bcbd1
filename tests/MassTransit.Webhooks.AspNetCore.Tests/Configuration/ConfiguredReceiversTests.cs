using System.Reflection;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using MassTransit.Webhooks.AspNetCore.Tests.Senders;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore.Tests.Configuration;

/// <summary>Receivers that the configuration alone declares.</summary>
public class ConfiguredReceiversTests
{
    const string Secret = "a-secret-of-some-length";

    static IConfigurationSection Section(params (string Name, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.ToDictionary(x => $"Webhooks:Receivers:{x.Name}", x => (string?)x.Value)).Build()
        .GetSection("Webhooks:Receivers");

    static Task<Receivers> StartAsync(params (string, string)[] settings) =>
        Receivers.StartAsync(b => b.Services.AddWebhookReceivers(Section(settings)));

    public static TheoryData<string> Methods =>
    [
        .. typeof(WebhookSenderExtensions).GetMethods(BindingFlags.Public | BindingFlags.Static).Select(x => x.Name).Distinct(),
        "Hmac", "Token", "Unsigned",
    ];

    /// <summary>Whoever adds a sender adds its name, or this fails.</summary>
    [Theory, MemberData(nameof(Methods))]
    public async Task Every_sender_has_a_name_and_starts(string name)
    {
        (string, string)[] settings =
        [
            ("r:Scheme", name.ToLowerInvariant()), ("r:Secrets:0", Secret), ("r:VerifyTokens:0", "agreed-on"), ("r:SecretEncoding", "Text"),
            ("r:Hmac:Header", "X-Sig"),
        ];
        await using var receivers = await StartAsync(settings);

        var answer = await receivers.PostAsync("r", "{}");

        Assert.Contains(answer.Reason, new[] { null, "signature-missing", "signature-malformed" });
    }

    [Fact]
    public async Task Declaration_options_and_secrets_come_from_the_section()
    {
        await using var receivers = await StartAsync(("billing:Scheme", "Hmac"), ("billing:Hmac:Header", "X-Billing"),
            ("billing:Hmac:Prefix", "v1="), ("billing:Hmac:Separator", ","), ("billing:Hmac:TimestampPrefix", "t="),
            ("billing:Hmac:SignedContent", "{timestamp}.{body}"), ("billing:Hmac:IdProperty", "id"), ("billing:Secrets:0", Secret),
            ("billing:Priority", "7"), ("billing:SuccessStatus", "204"), ("open:Scheme", "Unsigned"), ("open:IdHeader", "X-Id"));
        const string body = """{"id":"b1"}""";
        var signed = new SignedRequest(Secret, body, receivers.Clock.Now, "");

        (await receivers.PostAsync("billing", body, ("X-Billing", $"t={signed.Seconds},v1={signed.Hex($"{signed.Seconds}.{body}")}")))
            .Is(204);
        (await receivers.PostAsync("open", body, ("X-Id", "o1"))).Is(202);

        Assert.Equal([("b1", 7, true), ("o1", 0, false)],
            receivers.Queue.Received.Select(x => (x.Webhook.Id, x.Priority, x.Webhook.IsIdSigned)));
    }

    [Theory]
    [InlineData("Scheme", "Acme", "is 'Acme': write one of Asana, Basic, Bitbucket")]
    [InlineData("Secrets:0", "x", "is '': write one of")]
    [InlineData("Scheme", "Hmac", "Header is empty")]
    public void Wrong_scheme_is_named_with_the_cure(string name, string value, string message)
    {
        var refused = Assert.Throws<OptionsValidationException>(() =>
            new ServiceCollection().AddWebhookReceivers(Section(($"r:{name}", value))));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains("'r'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Haeder", "X-Sig", "Haeder")]
    [InlineData("Hash", "Md5", "Md5")]
    [InlineData("SignedContent", "{id}", "the content must be signed")]
    public void Wrong_declaration_is_named(string name, string value, string message)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => new ServiceCollection().AddWebhookReceivers(
            Section(("r:Scheme", "Hmac"), ("r:Hmac:Header", "X-Sig"), ($"r:Hmac:{name}", value), ("r:Secrets:0", Secret))));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_receiver_is_named_with_the_cure() =>
        Assert.Contains("Webhooks__Receivers__github__Scheme=GitHub",
            Assert.Throws<OptionsValidationException>(() => new ServiceCollection().AddWebhookReceivers(Section())).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task Scheme_of_ones_own_has_a_name()
    {
        await using var receivers = await Receivers.StartAsync(b => b.Services.AddWebhookReceivers(
            Section(("r:Scheme", "Acme"), ("r:Header", "X-Acme"), ("r:Secrets:0", Secret)),
            schemes => schemes.Add("acme", (r, section) => r.Token(o => o.Header = section["Header"]!))));

        (await receivers.PostAsync("r", "{}", ("X-Acme", Secret))).Is(202);
        var schemes = new ServiceCollection();
        Assert.Throws<ArgumentException>(() =>
            schemes.AddWebhookReceivers(Section(("r:Scheme", "GitHub")), x => x.Add("github", (_, _) => { })));
    }
}
