using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore.Tests.Senders;

/// <summary>Questions by which senders confirm an address. None is published, and none is answered to who may not ask.</summary>
public class ChallengeTests
{
    const string Secret = "a-secret-of-some-length";

    static Task<Receivers> StartAsync(Action<WebhookReceiverBuilder> add) =>
        Receivers.StartAsync(b => b.Services.AddWebhookReceiver("r", add));

    static void Add(WebhookReceiverOptions options) => options.Secrets.Add(Secret);

    static SignedRequest Signed(Receivers receivers, string body) => new(Secret, body, receivers.Clock.Now, "");

    [Theory]
    [InlineData("?hub.mode=subscribe&hub.verify_token=second&hub.challenge=1158201444", 200)]
    [InlineData("?hub.mode=subscribe&hub.verify_token=third&hub.challenge=1158201444", 403)]
    [InlineData("?hub.mode=subscribe&hub.verify_token=&hub.challenge=1158201444", 403)]
    [InlineData("?hub.mode=subscribe&hub.challenge=1158201444", 403)]
    [InlineData("?hub.mode=unsubscribe&hub.verify_token=second&hub.challenge=1158201444", 403)]
    [InlineData("?hub.mode=subscribe&hub.verify_token=second", 403)]
    [InlineData("?hub.mode=subscribe&hub.verify_token=second&hub.verify_token=second&hub.challenge=1", 403)]
    [InlineData("", 403)]
    public async Task Meta_asks_with_the_token_that_was_agreed_on(string query, int status)
    {
        await using var receivers = await StartAsync(r => r.Meta(o =>
        {
            Add(o);
            o.VerifyTokens.Add("first");
            o.VerifyTokens.Add("second");
        }));

        var answer = await receivers.SendAsync($"r{query}", HttpMethod.Get, null);

        answer.Is(status, status == 403 ? "challenge-refused" : null);
        if (status == 200)
            Assert.Equal(("1158201444", "text/plain"), (answer.Text, answer.ContentType));
        Assert.Empty(receivers.Queue.Received);
    }

    [Fact]
    public async Task Meta_without_a_token_does_not_start()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(r => r.Meta(Add)));
        Assert.Contains("VerifyTokens is empty", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?challenge=abc_DEF-123", 200)]
    [InlineData("?challenge=%3Cscript%3E", 403)]
    [InlineData("?challenge=", 403)]
    [InlineData("", 403)]
    public async Task Dropbox_gets_its_text_back_as_plain_text(string query, int status)
    {
        await using var receivers = await StartAsync(r => r.Dropbox(Add));

        using var response = await receivers.Client.GetAsync($"/webhooks/r{query}");

        Assert.Equal(status, (int)response.StatusCode);
        if (status != 200)
            return;
        Assert.Equal("abc_DEF-123", await response.Content.ReadAsStringAsync());
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.True(response.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData("trello", "HEAD", 200)]
    [InlineData("intercom", "HEAD", 200)]
    [InlineData("trello", "GET", 405)]
    [InlineData("dropbox", "PUT", 405)]
    [InlineData("github", "GET", 405)]
    [InlineData("github", "OPTIONS", 405)]
    [InlineData("meta", "PUT", 405)]
    public async Task Only_the_methods_of_the_sender_are_answered(string name, string method, int status)
    {
        await using var receivers = await StartAsync(r => _ = name switch
        {
            "trello" => r.Trello(Add),
            "intercom" => r.Intercom(Add),
            "dropbox" => r.Dropbox(Add),
            "meta" => r.Meta(o =>
            {
                Add(o);
                o.VerifyTokens.Add("x");
            }),
            _ => r.GitHub(Add),
        });

        (await receivers.SendAsync("r", new HttpMethod(method), null))
            .Is(status, method == "HEAD" || status == 200 ? null : "method-not-allowed");
        Assert.Empty(receivers.Queue.Received);
    }

    [Fact]
    public async Task Zoom_gets_its_text_with_the_code_of_it()
    {
        await using var receivers = await StartAsync(r => r.Zoom(Add));
        const string body = """{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}""";
        var signed = Signed(receivers, body);
        (string, string)[] headers = KnownSender.Of("zoom").Sign(signed);

        var answer = await receivers.PostAsync("r", body, headers);

        answer.Is(200);
        using var json = JsonDocument.Parse(answer.Text);
        Assert.Equal("qgg8vlvZRS6UYooatFL8Aw", json.RootElement.GetProperty("plainToken").GetString());
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), "qgg8vlvZRS6UYooatFL8Aw"u8.ToArray())),
            json.RootElement.GetProperty("encryptedToken").GetString());
        (await receivers.PostAsync("r", body)).Is(401, "signature-missing");
        Assert.Empty(receivers.Queue.Received);
    }

    [Theory]
    [InlineData("""{"challenge":"pogchamp-kappa","subscription":{"status":"webhook_callback_verification_pending","type":"t"}}""",
        "pogchamp-kappa")]
    [InlineData("""{"subscription":{"status":"authorization_revoked","type":"channel.follow"}}""", null)]
    [InlineData("""{"challenge":"x","subscription":{"status":"enabled","type":"channel.follow"}}""", null)]
    public async Task Twitch_gets_its_text_back_and_revocations_are_published(string body, string? challenge)
    {
        await using var receivers = await StartAsync(r => r.Twitch(Add));

        var answer = await receivers.PostAsync("r", body, KnownSender.Of("twitch").Sign(Signed(receivers, body)));

        answer.Is(challenge is null ? 204 : 200);
        Assert.Equal(challenge ?? "", answer.Text);
        Assert.Equal(challenge is null ? 1 : 0, receivers.Queue.Received.Count);
        if (body.Contains("revoked", StringComparison.Ordinal))
            Assert.Equal("revocation", receivers.Queue.Received.Single().Webhook.EventType);
    }

    [Fact]
    public async Task Monday_gets_its_text_back_if_it_has_the_token()
    {
        await using var receivers = await StartAsync(r => r.Monday(Add));
        const string body = """{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}""";

        var answer = await receivers.PostAsync("r", body, KnownSender.Of("monday").Sign(Signed(receivers, body)));

        answer.Is(200);
        Assert.Equal(body, answer.Text);
        (await receivers.PostAsync("r", body)).Is(401, "signature-missing");
        Assert.Empty(receivers.Queue.Received);
    }

    [Theory]
    [InlineData("""{"alg":"none"}""", "signature-malformed")]
    [InlineData("""{"alg":"HS512"}""", "signature-malformed")]
    [InlineData("""{"alg":"RS256"}""", "signature-malformed")]
    [InlineData("""{"alg":"hs256"}""", "signature-malformed")]
    [InlineData("{}", "signature-malformed")]
    [InlineData("no JSON", "signature-malformed")]
    public async Task Token_of_another_algorithm_is_refused_however_it_is_signed(string header, string reason)
    {
        await using var receivers = await StartAsync(r => r.Monday(Add));
        var token = Tokens.Hs256(Secret, $$"""{"exp":{{receivers.Clock.Now.ToUnixTimeSeconds() + 60}}}""", header);

        (await receivers.PostAsync("r", "{}", ("Authorization", token))).Is(401, reason);
        (await receivers.PostAsync("r", "{}", ("Authorization", token[..(token.LastIndexOf('.') + 1)]))).Is(401, reason);
    }

    [Theory]
    [InlineData("""{"exp":1699999699}""", 401, "timestamp-outside-window")]
    [InlineData("""{"exp":1699999700}""", 200, null)]
    [InlineData("""{"exp":1800000000,"iat":1700000301}""", 401, "timestamp-outside-window")]
    [InlineData("""{"exp":1800000000,"nbf":1700000301}""", 401, "timestamp-outside-window")]
    [InlineData("""{"exp":1800000000,"iat":1700000300}""", 200, null)]
    [InlineData("""{"iat":1700000000}""", 400, "timestamp-missing")]
    [InlineData("""{"exp":"soon"}""", 400, "timestamp-malformed")]
    public async Task Token_is_good_until_it_ends(string claims, int status, string? reason)
    {
        await using var receivers = await StartAsync(r => r.Monday(Add));
        (await receivers.PostAsync("r", "{}", ("Authorization", Tokens.Hs256(Secret, claims)))).Is(status, reason);
    }

    [Fact]
    public async Task Event_Grid_gets_its_code_back()
    {
        await using var receivers = await StartAsync(r => r.EventGrid(Add));
        const string body =
            """[{"id":"1","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d38b6"}}]""";

        var answer = await receivers.PostAsync($"r?code={Secret}", body);

        answer.Is(200);
        Assert.Equal("""{"validationResponse":"512d38b6"}""", answer.Text);
        (await receivers.PostAsync("r?code=another", body)).Is(401, "signature-mismatch");
        Assert.Empty(receivers.Queue.Received);
    }

    [Fact]
    public async Task CloudEvents_sender_is_allowed_by_its_origin()
    {
        await using var receivers = await StartAsync(r => r.CloudEvents(["eventgrid.azure.net"], Add));
        using var request = new HttpRequestMessage(HttpMethod.Options, "/webhooks/r");
        request.Headers.Add("WebHook-Request-Origin", "eventgrid.azure.net");
        using var response = await receivers.Client.SendAsync(request);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("eventgrid.azure.net", Assert.Single(response.Headers.GetValues("WebHook-Allowed-Origin")));
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("WebHook-Allowed-Rate")));
        (await receivers.SendAsync("r", HttpMethod.Options, null, ("WebHook-Request-Origin", "evil.example"))).Is(403, "challenge-refused");
        (await receivers.SendAsync("r", HttpMethod.Options, null)).Is(403, "challenge-refused");
    }

    [Fact]
    public async Task Graph_gets_its_text_back_and_every_notification_must_have_the_state()
    {
        await using var receivers = await StartAsync(r => r.MicrosoftGraph(Add));

        var answer = await receivers.PostAsync("r?validationToken=Validation%3A%20Testing%20%3Cb%3E", "");

        answer.Is(200);
        Assert.Equal(("Validation: Testing <b>", "text/plain"), (answer.Text, answer.ContentType));
        (await receivers.PostAsync("r", $$"""{"value":[{"clientState":"{{Secret}}"},{"clientState":"other"}]}"""))
            .Is(401, "signature-mismatch");
        (await receivers.PostAsync("r", $$"""{"value":[{"clientState":"{{Secret}}"},{}]}""")).Is(401, "signature-malformed");
        (await receivers.PostAsync("r?validationToken=x", $$"""{"value":[{"clientState":"other"}]}""")).Is(401, "signature-mismatch");
        Assert.Empty(receivers.Queue.Received);
    }

    [Fact]
    public async Task Asana_brings_its_secret_when_it_is_expected()
    {
        var secrets = new Secrets();
        await using var receivers = await Receivers.StartAsync(b =>
        {
            b.Services.AddSingleton(secrets);
            b.Services.AddWebhookReceiver("r", r => r.SecretsFrom<Secrets>().Asana((request, _) =>
            {
                if (!secrets.IsExpecting)
                    return ValueTask.FromResult(false);
                secrets.Known.Add(request.Secret);
                return ValueTask.FromResult(true);
            }));
        });
        const string body = """{"events":[{"action":"changed"}]}""";
        (string, string) brought = ("X-Hook-Secret", Secret);

        (await receivers.PostAsync("r", "", brought)).Is(401, "signature-missing");
        secrets.IsExpecting = true;
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/r") { Headers = { { "X-Hook-Secret", Secret } } })
        using (var response = await receivers.Client.SendAsync(request))
        {
            Assert.Equal(200, (int)response.StatusCode);
            Assert.Equal(Secret, Assert.Single(response.Headers.GetValues("X-Hook-Secret")));
        }

        secrets.IsExpecting = false;
        (await receivers.PostAsync("r", body, KnownSender.Of("asana").Sign(Signed(receivers, body)))).Is(200);
        (await receivers.PostAsync("r", body, brought)).Is(401, "signature-missing");
        var (webhook, _) = Assert.Single(receivers.Queue.Received);
        Assert.Equal("changed", webhook.EventType);
        Assert.DoesNotContain(receivers.Logs.Lines, x => x.Contains(Secret, StringComparison.Ordinal));
    }

    /// <summary>A question comes from a stranger as long as nothing is proven: it uses the same permits as a webhook.</summary>
    [Fact]
    public async Task Questions_are_counted_by_the_rate_limit()
    {
        await using var receivers = await StartAsync(r => r.Dropbox(Add).RateLimit(1, TimeSpan.FromHours(1)));

        (await receivers.SendAsync("r?challenge=a", HttpMethod.Get, null)).Is(200);
        (await receivers.SendAsync("r?challenge=a", HttpMethod.Get, null)).Is(429, "rate-limited");
    }

    sealed class Secrets : IWebhookSecretProvider
    {
        public ConcurrentBag<string> Known { get; } = [];

        public bool IsExpecting { get; set; }

        public ValueTask<IReadOnlyList<string>> GetSecretsAsync(string receiver, CancellationToken cancellationToken) =>
            new((IReadOnlyList<string>)[.. Known]);
    }
}
