using System.Text;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore.Tests.Senders;

/// <summary>Each known sender, signed as its documentation says, over HTTP and through all that breaks a request.</summary>
public class SenderTests
{
    static Task<Receivers> StartAsync(KnownSender sender, string? secret = null, Action<WebhookReceiverBuilder>? more = null) =>
        Receivers.StartAsync(b => b.Services.AddWebhookReceiver("r", r =>
        {
            sender.Add(r, o => o.Secrets.Add(secret ?? sender.Secret));
            r.Configure(o => o.AllowShortSecrets = true);
            more?.Invoke(r);
        }));

    /// <summary>What the sender sends to an address of this application.</summary>
    static (string Path, string Body, (string, string)[] Headers) Make(KnownSender sender, Receivers receivers, string host = "")
    {
        host = host.Length > 0 ? host : receivers.Client.BaseAddress!.AbsoluteUri.TrimEnd('/');
        var signed = new SignedRequest(sender.Secret, sender.Body, receivers.Clock.Now, "");
        var path = $"r{sender.Query(signed)}";
        signed = signed with { Body = sender.BodyOf(signed), Address = $"{host}/webhooks/{path}" };
        return (path, signed.Body, [("Content-Type", sender.ContentType), .. sender.Sign(signed)]);
    }

    [Theory, MemberData(nameof(KnownSender.Names), MemberType = typeof(KnownSender))]
    public async Task Is_received_with_its_facts_and_answered_as_it_wants(string name)
    {
        var sender = KnownSender.Of(name);
        await using var receivers = await StartAsync(sender);
        var (path, body, headers) = Make(sender, receivers);

        var answer = await receivers.PostAsync(path, body, headers);

        answer.Is(sender.Status);
        var (webhook, _) = Assert.Single(receivers.Queue.Received);
        Assert.Equal((sender.EventType, sender.IsIdSigned, sender.IsEventTypeSigned),
            (webhook.EventType, webhook.IsIdSigned, webhook.IsEventTypeSigned));
        if (sender.Id is not null)
            Assert.Equal(sender.Id, webhook.Id);
        Assert.Equal(body, Encoding.UTF8.GetString(webhook.Body));
        Assert.DoesNotContain(webhook.Headers, x => x.Value.Contains(sender.Secret, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(KnownSender.Names), MemberType = typeof(KnownSender))]
    public async Task Is_refused_with_another_secret(string name)
    {
        var sender = KnownSender.Of(name);
        await using var receivers = await StartAsync(sender, secret: "user:another-secret-of-some-length");
        var (path, body, headers) = Make(sender, receivers);

        (await receivers.PostAsync(path, body, headers)).Is(401, "signature-mismatch");
        Assert.Empty(receivers.Queue.Received);
    }

    [Theory, MemberData(nameof(KnownSender.Names), MemberType = typeof(KnownSender))]
    public async Task Is_refused_without_a_proof(string name)
    {
        var sender = KnownSender.Of(name);
        await using var receivers = await StartAsync(sender);

        var answer = await receivers.PostAsync("r", """{"value":[],"events":[]}""", ("Content-Type", sender.ContentType));

        answer.Is(401, "signature-missing");
        Assert.Empty(receivers.Queue.Received);
    }

    /// <summary>A sender that repeats a webhook whose answer got lost is told that it was accepted.</summary>
    [Theory, MemberData(nameof(KnownSender.Names), MemberType = typeof(KnownSender))]
    public async Task Repeat_is_published_once_if_the_sender_names_its_webhooks(string name)
    {
        var sender = KnownSender.Of(name);
        await using var receivers = await StartAsync(sender);
        var (path, body, headers) = Make(sender, receivers);

        (await receivers.PostAsync(path, body, headers)).Is(sender.Status);
        Assert.InRange((int)(await receivers.PostAsync(path, body, headers)).Status, 200, 204);

        Assert.Equal(sender.Id is null ? 2 : 1, receivers.Queue.Received.Count);
    }

    [Theory]
    [InlineData("twilio")]
    [InlineData("twilio json")]
    [InlineData("square")]
    [InlineData("hubspot")]
    [InlineData("trello")]
    public async Task Address_behind_a_proxy_is_named(string name)
    {
        var sender = KnownSender.Of(name);
        const string host = "https://hooks.example.com";
        await using var receivers = await StartAsync(sender, more: r => r.Configure(o =>
        {
            o.PublicAddresses.Add("https://old.example.com");
            o.PublicAddresses.Add(host);
        }));
        var (path, body, headers) = Make(sender, receivers, host);
        (await receivers.PostAsync(path, body, headers)).Is(sender.Status);

        // The application's own address is none that the sender was given.
        (path, body, headers) = Make(sender, receivers);
        (await receivers.PostAsync(path, body, headers)).Is(401, "signature-mismatch");
    }

    [Fact]
    public async Task Named_address_with_a_path_and_forwarded_base_path_are_tried()
    {
        var sender = KnownSender.Of("square");
        await using var receivers = await StartAsync(sender, more: r => r.Configure(o =>
            o.PublicAddresses.Add("https://hooks.example.com/api/square")));
        var signed = new SignedRequest(sender.Secret, sender.Body, receivers.Clock.Now, "https://hooks.example.com/api/square?x=1");

        (await receivers.PostAsync("r?x=1", sender.Body, sender.Sign(signed))).Is(200);
        (await receivers.PostAsync("r", sender.Body, sender.Sign(signed))).Is(401, "signature-mismatch");
    }

    [Theory, MemberData(nameof(KnownSender.Names), MemberType = typeof(KnownSender))]
    public async Task Passes_the_kit(string name)
    {
        var sender = KnownSender.Of(name);
        var now = new TestClock().Now;
        var signed = new SignedRequest(sender.Secret, sender.Body, now, "");
        var query = sender.Query(signed);
        signed = signed with { Body = sender.BodyOf(signed), Address = $"https://h.example/webhooks/r{query}" };
        var headers = new HeaderDictionary { ["Content-Type"] = sender.ContentType };
        foreach (var (header, value) in sender.Sign(signed))
            headers[header] = value;

        Assert.InRange(await WebhookSchemeKit.CheckAsync(SchemeOf(sender), new WebhookVector
        {
            Request = new WebhookRequest
            {
                Headers = headers,
                Body = Encoding.UTF8.GetBytes(signed.Body),
                Secrets = [sender.Secret],
                Now = now,
                Addresses = [signed.Address],
                QueryString = query,
            },
            Id = sender.Id,
            EventType = sender.EventType,
            IsIdSigned = sender.IsIdSigned,
            IsEventTypeSigned = sender.IsEventTypeSigned && sender.EventType.Length > 0,
            IsBodySigned = sender.IsBodySigned,
            IsAddressSigned = sender.IsAddressSigned,
        }), 20, 1000);
    }

    /// <summary>twilio.com/docs/usage/security, in the snippets of TwilioDevEd/api-snippets (MIT).</summary>
    [Fact]
    public void Twilio_published_example_is_accepted() => Assert.Equal(WebhookVerdict.Accepted, new TwilioScheme().Verify(new WebhookRequest
    {
        Headers = new HeaderDictionary
        {
            ["X-Twilio-Signature"] = "GvWf1cFY/Q7PnoempGyD5oXAezc=",
            ["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8",
        },
        Body = "CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212"u8.ToArray(),
        Secrets = ["12345"],
        Addresses = ["https://mycompany.com/myapp.php?foo=1&bar=2"],
    }).Verdict);

    static WebhookScheme SchemeOf(KnownSender sender)
    {
        var services = new ServiceCollection();
        var definition = new ReceiverDefinition("r");
        sender.Add(new WebhookReceiverBuilder(services, definition), _ => { });
        return definition.Scheme!;
    }
}
