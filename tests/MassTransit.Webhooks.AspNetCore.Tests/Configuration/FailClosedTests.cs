using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore.Tests.Configuration;

public class FailClosedTests
{
    public static TheoryData<string, Action<WebhookReceiverBuilder>, string> Wrong => new()
    {
        { "no scheme", _ => { }, "has no scheme" },
        { "no scheme but a secret", r => r.Configure(o => o.Secrets.Add("x")), "AllowUnsigned()" },
        { "no secret", r => r.GitHub(), "has no secret. Add one to WebhookReceiverOptions.Secrets" },
        { "no token", r => r.Token(), "has no secret" },
        { "empty secret", r => r.Stripe(o => o.Secrets.Add("")), "Secrets[0] is empty" },
        { "secret is no key", r => r.StandardWebhooks(o => o.Secrets.Add("whsec_???hidden")), "Secrets[0] is not base64" },
        { "priority", r => r.GitHub(o => o.Secrets.Add("x")).Priority(256), "Priority is 256: use 0 to 255" },
        { "body", r => r.GitHub(o => o.Secrets.Add("x")).Configure(o => o.MaxBodyBytes = 0), "MaxBodyBytes is 0" },
        { "timeout", r => r.GitHub(o => o.Secrets.Add("x")).Configure(o => o.EnqueueTimeout = TimeSpan.Zero), "EnqueueTimeout" },
        { "window", r => r.GitHub(o => o.Secrets.Add("x")).Configure(o => o.DuplicateWindow = TimeSpan.Zero), "DuplicateWindow" },
        { "window below the tolerance", r => r.Stripe(o => o.Secrets.Add("x"))
            .Configure(o => o.DuplicateWindow = TimeSpan.FromSeconds(599)), "less than twice its Tolerance" },
        { "short secret", r => r.GitHub().Configure(Section("Secrets:0", "fifteen hidden.")), "Secrets[0] has 15 bytes" },
        { "short key", r => r.StandardWebhooks().Configure(Section("Secrets:0", "whsec_YXBwLTE=")), "Secrets[0] has 5 bytes" },
        { "short token", r => r.Token().Configure(Section("Secrets:0", "hidden")), "set AllowShortSecrets" },
        { "all headers", r => r.GitHub(o => o.Secrets.Add("x")).Configure(o => o.Headers.Add("*")), "hands on all headers by '*'" },
        { "nearly all headers", r => r.GitHub(o => o.Secrets.Add("x")).Configure(o => o.Headers.Add("X-*")), "set AllowAllHeaders" },
        { "status", r => r.GitHub(o => o.Secrets.Add("x")).Configure(o => o.SuccessStatus = 201),
            "SuccessStatus is 201: use 200, 202 or 204" },
        { "replay protection", r => r.GitHub(o => o.Secrets.Add("x")).Configure(o => o.ReplayProtection = (WebhookReplayProtection)9),
            "ReplayProtection is 9" }
    };

    static IConfigurationSection Section(string key, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([new($"Hooks:{key}", value)]).Build().GetSection("Hooks");

    /// <summary>What is refused unless it is said, said.</summary>
    [Fact]
    public async Task Receiver_starts_with_what_was_said_aloud()
    {
        await using var receivers = await Receivers.StartAsync(b =>
            b.Services.AddWebhookReceiver("r", r => r.Stripe().Configure(Section("Secrets:0", "short")).Configure(o =>
        {
            (o.AllowShortSecrets, o.AllowShortDuplicateWindow, o.AllowAllHeaders) = (true, true, true);
            o.DuplicateWindow = TimeSpan.FromSeconds(1);
            o.Headers.Add("*");
        })));
        (await receivers.PostAsync("r", "{}", Sign.Stripe("short", receivers.Clock.Now, "{}"))).Is(202);
    }

    /// <summary>Of no effect where no timestamp is signed.</summary>
    [Fact]
    public async Task Short_window_of_a_sender_without_timestamps_is_taken()
    {
        await using var receivers =
            await Receivers.StartAsync(b => b.Services.AddWebhookReceiver("r", r => r.GitHub(o => o.Secrets.Add("x"))
            .Configure(o => o.DuplicateWindow = TimeSpan.FromSeconds(1))));
        (await receivers.PostAsync("r", "{}", Sign.GitHub("x", "{}"))).Is(202);
    }

    [Theory, MemberData(nameof(Wrong))]
    public async Task Wrong_receiver_does_not_start(string what, Action<WebhookReceiverBuilder> configure, string message)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            Receivers.StartAsync(b => b.Services.AddWebhookReceiver("r", configure)));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains("'r'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(what);
    }

    [Fact]
    public async Task Time_for_the_store_of_repeats_that_is_none_is_refused_at_the_start()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => Receivers.StartAsync(b =>
        {
            b.Services.AddWebhookReceiver("r", r => r.AllowUnsigned());
            b.Services.Configure<WebhookDeduplicationOptions>(x => x.Timeout = TimeSpan.Zero);
        }));
        Assert.Equal("In WebhookDeduplicationOptions, Timeout is 00:00:00: use more than 0, and at most 1 minute.", refused.Message);
    }

    [Fact]
    public async Task Without_a_bus_it_does_not_start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddWebhookReceiver("r", r => r.AllowUnsigned());
        await using var app = builder.Build();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());
        Assert.Contains("call AddWebhooks()", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_in_code_are_told_at_once()
    {
        var services = new ServiceCollection();
        services.AddWebhookReceiver("r", r => r.AllowUnsigned());
        Assert.Throws<ArgumentException>(() => services.AddWebhookReceiver("R", r => r.AllowUnsigned()));
        Assert.Throws<ArgumentException>(() => services.AddWebhookReceiver("a/b", r => r.AllowUnsigned()));
        Assert.Throws<InvalidOperationException>(() => services.AddWebhookReceiver("two", r => r.GitHub().AllowUnsigned()));

        var app = WebApplication.CreateSlimBuilder().Build();
        Assert.Throws<InvalidOperationException>(() => app.MapWebhooks());
        Assert.Throws<ArgumentException>(() => app.MapWebhooks("/webhooks"));
    }
}
