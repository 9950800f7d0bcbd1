using MassTransit.Webhooks.AspNetCore.Tests.Hosting;

namespace MassTransit.Webhooks.AspNetCore.Tests.Ingress;

public class FactsTests
{
    const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    static Task<Receivers> StartAsync(Action<WebhookReceiverBuilder> configure) =>
        Receivers.StartAsync(b => b.Services.AddWebhookReceiver("r", configure));

    [Fact]
    public async Task Each_sender_says_what_happened_in_its_way()
    {
        await using var receivers = await Receivers.StartAsync(b => b.Services
            .AddWebhookReceiver("standard", r => r.StandardWebhooks(o => o.Secrets.Add(Secret)))
            .AddWebhookReceiver("stripe", r => r.Stripe(o => o.Secrets.Add(Secret)))
            .AddWebhookReceiver("slack", r => r.Slack(o => o.Secrets.Add(Secret)))
            .AddWebhookReceiver("shopify", r => r.Shopify(o => o.Secrets.Add(Secret)))
            .AddWebhookReceiver("gitlab", r => r.Token(configure: o => o.Secrets.Add(Secret)))
            .AddWebhookReceiver("open", r => r.AllowUnsigned("X-Id", "X-Type"))
            .AddWebhookReceiver("hmac", r => r.Hmac(h => (h.Header, h.IdHeader, h.EventTypeHeader) =
                ("X-Hub-Signature-256", "X-Id", "X-Type"), o => o.Secrets.Add(Secret))));
        var now = receivers.Clock.Now;
        const string body = """{"id":"b1","type":"paid","event_id":"e1","event":{"type":"message"}}""";
        (await receivers.PostAsync("standard", body, Sign.Standard(Secret, "h1", now, body))).Is(202);
        (await receivers.PostAsync("stripe", body, Sign.Stripe(Secret, now, body))).Is(202);
        (await receivers.PostAsync("slack", body, Sign.Slack(Secret, now, body))).Is(200);
        (await receivers.PostAsync("shopify", body, Sign.Shopify(Secret, body), ("X-Shopify-Topic", "orders/paid"),
            ("X-Shopify-Webhook-Id", "s1"))).Is(200);
        (await receivers.PostAsync("gitlab", body, ("X-Gitlab-Token", Secret), ("X-Gitlab-Event", "Push Hook"), ("Idempotency-Key", "g1")))
            .Is(202);
        (await receivers.PostAsync("open", body, ("X-Id", "o1"), ("X-Type", "any"))).Is(202);
        (await receivers.PostAsync("hmac", body, ("X-Hub-Signature-256", Sign.GitHub(Secret, body).Item2[7..]), ("X-Id", "m1"),
            ("X-Type", "own"))).Is(202);
        (await receivers.PostAsync("gitlab", body, ("X-Gitlab-Token", "wrong"))).Is(401, "signature-mismatch");
        Assert.Equal(
            [("standard", "h1", "paid"), ("stripe", "b1", "paid"), ("slack", "e1", "message"), ("shopify", "s1", "orders/paid"),
                ("gitlab", "g1", "Push Hook"), ("open", "o1", "any"),
                ("hmac", "m1", "own")],
            receivers.Queue.Received.Select(x => (x.Webhook.Receiver, x.Webhook.Id, x.Webhook.EventType)));
        Assert.Contains("AllowUnsigned() has been called", receivers.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slack_hears_its_challenge_again_only_when_it_has_signed_it()
    {
        await using var receivers = await StartAsync(r => r.Slack(o => o.Secrets.Add(Secret)));
        const string body = """{"token":"t","challenge":"3eZbrw1aB","type":"url_verification"}""";
        var answer = await receivers.PostAsync("r", body, Sign.Slack(Secret, receivers.Clock.Now, body));
        answer.Is(200);
        Assert.Equal(("3eZbrw1aB", "text/plain"), (answer.Text, answer.ContentType));
        (await receivers.PostAsync("r", body, Sign.Slack("another", receivers.Clock.Now, body))).Is(401, "signature-mismatch");
        Assert.Empty(receivers.Queue.Received);
    }

    [Fact]
    public async Task Headers_are_those_listed_and_never_a_secret_one()
    {
        await using var receivers = await StartAsync(r => r.GitHub(o =>
        {
            o.Secrets.Add(Secret);
            o.AllowAllHeaders = true;
            foreach (var name in new[] { "X-Mine", "authorization", "cookie", "x-hub-*", "x-secret", "*" })
                o.Headers.Add(name);
        }));
        (await receivers.PostAsync("r", "x", Sign.GitHub(Secret, "x"), ("X-Hub-Signature", "sha1=1"), ("X-Mine", "1"),
            ("X-GitHub-Event", "push"), ("Authorization", "Bearer t"),
            ("Cookie", "a=b"), ("X-Gitlab-Token", "t"), ("X-Secret", "s"), ("X-Api-Key", "k"), ("X-Auth", "a"), ("X-Partner-Key", "k"),
            ("X-Goog-Iap-Jwt-Assertion", "j"), ("X-Forwarded-Client-Cert", "c"), ("X-Session", "s"), ("X-Whatever", "Bearer t"),
            ("X-Unknown", "eyJhbGciOiJIUzI1NiJ9.e30.abc"),
            ("Idempotency-Key", "i"), ("X-Author", "me"), ("User-Agent", "Hook/1"), ("Content-Type", "text/x"))).Is(202);
        var webhook = receivers.Queue.Received.Single().Webhook;
        Assert.Equal("text/x", webhook.ContentType);
        Assert.Equal(("1", "push", "Hook/1"),
            (webhook.Headers["x-mine"], webhook.Headers["x-github-event"], webhook.Headers["user-agent"]));
        Assert.Equal(("i", "me"), (webhook.Headers["idempotency-key"], webhook.Headers["x-author"]));
        Assert.Empty(webhook.Headers.Keys.Intersect([
            "x-auth", "x-partner-key", "x-goog-iap-jwt-assertion", "x-forwarded-client-cert", "x-session", "x-whatever", "x-unknown",
            "x-hub-signature-256", "x-hub-signature", "authorization", "cookie", "x-gitlab-token", "x-secret", "x-api-key"]));
    }

    [Fact]
    public async Task Default_headers_leave_the_unknown_out()
    {
        await using var receivers = await StartAsync(r => r.GitHub(o => o.Secrets.Add(Secret)).Tenant(x => x.Request.Query["customer"]));
        (await receivers.PostAsync("r?customer=acme", "x", Sign.GitHub(Secret, "x"), ("X-Mine", "1"), ("X-GitHub-Event", "push"))).Is(202);
        var webhook = receivers.Queue.Received.Single().Webhook;
        Assert.Equal(["x-github-event"], webhook.Headers.Keys);
        Assert.Equal("acme", webhook.Tenant);
    }
}
