using System.Security.Cryptography;
using System.Text;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore.Tests.Deduplication;

/// <summary>
/// What is a repeat, and what only looks like one: of 571 webhooks of two applications, tenants or events under one id 563 were once
/// answered 200 and never published.
/// </summary>
public class RepeatIdentityTests
{
    const string Secret = "a secret of some length";
    const string Other = "another secret of some length";
    const string Standard = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    static Task<Receivers> StartAsync(Action<WebhookReceiverBuilder> configure) =>
        Receivers.StartAsync(b => b.Services.AddWebhookReceiver("r", r =>
    {
        configure(r);
        r.Tenant(x => x.Request.Query["tenant"]);
    }));

    static void GitHub(WebhookReceiverBuilder receiver) => receiver.GitHub(o =>
    {
        o.Secrets.Add(Secret);
        o.Secrets.Add(Other);
    });

    static (string, string) Declared(string body, string secret = Secret) => ("X-Sig", Sign.GitHub(secret, body).Item2["sha256=".Length..]);

    [Fact]
    public async Task One_id_of_two_tenants_is_two_webhooks()
    {
        await using var receivers = await StartAsync(GitHub);
        foreach (var tenant in new[] { "a", "b" })
            (await receivers.PostAsync($"r?tenant={tenant}", "x", Sign.GitHub(Secret, "x"), ("X-GitHub-Delivery", "1"))).Is(202);
        Assert.Equal(2, MessageIds(receivers).Distinct().Count());
        (await receivers.PostAsync("r?tenant=b", "x", Sign.GitHub(Secret, "x"), ("X-GitHub-Delivery", "1"))).Is(200);
    }

    /// <summary>GitHub's id is unique by event, and one event may be delivered more than once, to two apps say.</summary>
    [Fact]
    public async Task One_id_with_two_bodies_is_two_webhooks_with_message_ids_of_their_own_and_is_told()
    {
        await using var receivers = await StartAsync(GitHub);
        (await receivers.PostAsync("r", "1", Sign.GitHub(Secret, "1"), ("X-GitHub-Delivery", "g"))).Is(202);
        (await receivers.PostAsync("r", "2", Sign.GitHub(Other, "2"), ("X-GitHub-Delivery", "g"))).Is(202);
        Assert.Equal(2, MessageIds(receivers).Distinct().Count());
        Assert.Contains("came with other content under an id that is known already", receivers.Logs.Text, StringComparison.Ordinal);
        // Each repeat is known.
        (await receivers.PostAsync("r", "1", Sign.GitHub(Secret, "1"), ("X-GitHub-Delivery", "g"))).Is(200);
        (await receivers.PostAsync("r", "2", Sign.GitHub(Other, "2"), ("X-GitHub-Delivery", "g"))).Is(200);
    }

    [Fact]
    public async Task Message_id_of_each_content_is_the_same_wherever_it_is_published()
    {
        var ids = new List<Guid[]>();
        foreach (var order in new[] { new[] { "1", "2" }, ["2", "1"] })
        {
            await using var receivers = await StartAsync(GitHub);
            foreach (var body in order)
                (await receivers.PostAsync("r", body, Sign.GitHub(Secret, body), ("X-GitHub-Delivery", "g"))).Is(202);
            ids.Add([.. MessageIds(receivers).Order()]);
        }

        Assert.Equal(ids[0], ids[1]);
    }

    [Theory, InlineData("hmac"), InlineData("token"), InlineData("unsigned"), InlineData("github")]
    public async Task Equal_bodies_without_an_id_are_not_known_to_be_repeats(string kind)
    {
        await using var receivers = await StartAsync(Kind(kind));
        foreach (var path in new[] { "r", "r", "r?tenant=a", "r?tenant=b", "r?x=1", "r?x=2" })
            (await receivers.PostAsync(path, "x", Proof(kind, "x"))).Is(202);
        (await receivers.PostAsync("r", "x", [.. Proof(kind, "x"), ("X-Event", "created")])).Is(202);
        (await receivers.PostAsync("r", "x", [.. Proof(kind, "x"), ("X-Event", "deleted")])).Is(202);
        Assert.Equal(8, receivers.Queue.Received.Count);
        Assert.Equal(8, receivers.Queue.Received.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.Equal(8, MessageIds(receivers).Distinct().Count());
    }

    [Theory, InlineData("hmac"), InlineData("token"), InlineData("unsigned"), InlineData("github")]
    public async Task Equal_bodies_without_an_id_are_repeats_where_the_receiver_is_told_so(string kind)
    {
        await using var receivers = await StartAsync(r =>
        {
            Kind(kind)(r);
            r.Configure(o => o.EqualBodiesAreRepeats = true);
        });
        (await receivers.PostAsync("r", "x", Proof(kind, "x"))).Is(202);
        (await receivers.PostAsync("r", "x", Proof(kind, "x"))).Is(200);
        (await receivers.PostAsync("r?tenant=a", "x", Proof(kind, "x"))).Is(202);
        (await receivers.PostAsync("r", "y", Proof(kind, "y"))).Is(202);
        Assert.Equal("sha256-" + Convert.ToHexStringLower(SHA256.HashData("x"u8)), receivers.Queue.Received.First().Webhook.Id);
        if (kind == "github")
            return;

        // What is beside the body makes another webhook of it.
        (await receivers.PostAsync("r", "x", [.. Proof(kind, "x"), ("X-Event", "created")])).Is(202);
        (await receivers.PostAsync("r?x=1", "x", Proof(kind, "x"))).Is(202);
        Assert.Equal(5, MessageIds(receivers).Distinct().Count());
    }

    [Fact]
    public async Task Long_ids_are_told_apart_and_repeats_of_them_known()
    {
        await using var receivers = await StartAsync(r => r.StandardWebhooks(o => o.Secrets.Add(Standard)));
        var now = receivers.Clock.Now;
        foreach (var end in new[] { "1", "2" })
        {
            (await receivers.PostAsync("r", "{}", Sign.Standard(Standard, new string('l', 300) + end, now, "{}"))).Is(202);
            (await receivers.PostAsync("r", "{}", Sign.Standard(Standard, new string('l', 300) + end, now.AddSeconds(1), "{}"))).Is(200);
        }

        Assert.All(receivers.Queue.Received, x => Assert.StartsWith("id-sha256-", x.Webhook.Id, StringComparison.Ordinal));
        Assert.Equal(2, MessageIds(receivers).Distinct().Count());
    }

    [Fact]
    public async Task Captured_GitHub_request_is_answered_as_a_repeat_under_any_id_and_event_type_and_the_real_next_one_is_published()
    {
        await using var receivers = await StartAsync(GitHub);
        (await receivers.PostAsync("r", "old", Sign.GitHub(Secret, "old"), ("X-GitHub-Delivery", "1"), ("X-GitHub-Event", "push"))).Is(202);

        (await receivers.PostAsync("r", "old", Sign.GitHub(Secret, "old"), ("X-GitHub-Delivery", "2"), ("X-GitHub-Event", "push"))).Is(200);
        (await receivers.PostAsync("r", "old", Sign.GitHub(Secret, "old"), ("X-GitHub-Delivery", "3"), ("X-GitHub-Event", "delete")))
            .Is(200);
        (await receivers.PostAsync("r", "old", Sign.GitHub(Secret, "old"), ("X-GitHub-Delivery", "1"), ("X-GitHub-Event", "delete")))
            .Is(200);
        (await receivers.PostAsync("r?x=1", "old", Sign.GitHub(Secret, "old"), ("X-GitHub-Delivery", "1"))).Is(200);
        // Without the header that GitHub always sends.
        (await receivers.PostAsync("r", "old", Sign.GitHub(Secret, "old"))).Is(200);
        Assert.Contains("Somebody may have captured it", receivers.Logs.Text, StringComparison.Ordinal);

        // The ids that were tried are as good as ever.
        foreach (var id in new[] { "2", "3" })
            (await receivers.PostAsync("r", "new" + id, Sign.GitHub(Secret, "new" + id), ("X-GitHub-Delivery", id))).Is(202);
        Assert.Equal(["old", "new2", "new3"], receivers.Queue.Received.Select(x => Encoding.UTF8.GetString(x.Webhook.Body)));
        Assert.All(receivers.Queue.Received, x => Assert.Equal((false, false), (x.Webhook.IsIdSigned, x.Webhook.IsEventTypeSigned)));
    }

    [Fact]
    public async Task Captured_request_of_a_declared_sender_does_not_use_up_the_next_id()
    {
        await using var receivers = await StartAsync(r =>
            r.Hmac(h => (h.Header, h.IdHeader, h.EventTypeHeader) = ("X-Sig", "X-Id", "X-Event"), o => o.Secrets.Add(Secret)));
        (await receivers.PostAsync("r", "old", Declared("old"), ("X-Id", "1"))).Is(202);
        (await receivers.PostAsync("r", "old", Declared("old"), ("X-Id", "2"))).Is(200);
        (await receivers.PostAsync("r", "new", Declared("new"), ("X-Id", "2"))).Is(202);
        // One body of two events is two webhooks: a sender may mean both.
        (await receivers.PostAsync("r", "new", Declared("new"), ("X-Id", "3"), ("X-Event", "paid"))).Is(202);
        Assert.Equal(3, receivers.Queue.Received.Count);
    }

    [Fact]
    public async Task Even_after_its_window_a_captured_request_under_the_next_id_loses_nothing()
    {
        await using var receivers = await StartAsync(r => r.GitHub(o =>
        {
            o.Secrets.Add(Secret);
            o.DuplicateWindow = TimeSpan.FromHours(1);
        }));
        (await receivers.PostAsync("r", "old", Sign.GitHub(Secret, "old"), ("X-GitHub-Delivery", "1"))).Is(202);
        receivers.Clock.Now += TimeSpan.FromHours(2);
        (await receivers.PostAsync("r", "old", Sign.GitHub(Secret, "old"), ("X-GitHub-Delivery", "2"))).Is(202);
        (await receivers.PostAsync("r", "new", Sign.GitHub(Secret, "new"), ("X-GitHub-Delivery", "2"))).Is(202);
        Assert.Equal(3, MessageIds(receivers).Distinct().Count());
    }

    [Fact]
    public async Task Shopify_may_tell_two_events_by_one_body_and_one_event_only_once()
    {
        await using var receivers = await StartAsync(r => r.Shopify(o => o.Secrets.Add(Secret)));
        foreach (var (id, topic) in new[] { ("1", "orders/create"), ("2", "orders/paid") })
            (await receivers.PostAsync("r", "x", Sign.Shopify(Secret, "x"), ("X-Shopify-Webhook-Id", id), ("X-Shopify-Topic", topic)))
                .Is(200);
        Assert.Equal(2, receivers.Queue.Received.Count);
        (await receivers.PostAsync("r", "x", Sign.Shopify(Secret, "x"), ("X-Shopify-Webhook-Id", "3"), ("X-Shopify-Topic", "orders/paid")))
            .Is(200);
        Assert.Equal(2, receivers.Queue.Received.Count);
    }

    [Fact]
    public async Task Equal_webhooks_of_two_secrets_are_two()
    {
        await using var receivers = await StartAsync(GitHub);
        (await receivers.PostAsync("r", "x", Sign.GitHub(Secret, "x"), ("X-GitHub-Delivery", "1"))).Is(202);
        (await receivers.PostAsync("r", "x", Sign.GitHub(Other, "x"), ("X-GitHub-Delivery", "2"))).Is(202);
    }

    [Fact]
    public async Task Replay_protection_can_be_switched()
    {
        await using var receivers = await StartAsync(r =>
        {
            GitHub(r);
            r.Configure(o => o.ReplayProtection = WebhookReplayProtection.None);
        });
        foreach (var id in new[] { "1", "2" })
            (await receivers.PostAsync("r", "x", Sign.GitHub(Secret, "x"), ("X-GitHub-Delivery", id))).Is(202);
        (await receivers.PostAsync("r", "x", Sign.GitHub(Secret, "x"), ("X-GitHub-Delivery", "1"))).Is(200);
    }

    /// <summary>
    /// Who has captured a request with a signed id can change what is not signed, and within the window it is still fresh.
    /// </summary>
    [Fact]
    public async Task Under_a_signed_id_what_is_not_signed_makes_no_other_webhook()
    {
        await using var receivers = await StartAsync(r => r.StandardWebhooks(o => o.Secrets.Add(Standard)));
        var now = receivers.Clock.Now;
        const string body = """{"type":"paid"}""";
        (await receivers.PostAsync("r", body, Sign.Standard(Standard, "1", now, body))).Is(202);
        (await receivers.PostAsync("r?x=1", body,
            [.. Sign.Standard(Standard, "1", now, body), ("Content-Type", "text/x"), ("X-Event", "other")])).Is(200);
        // The sender's own next attempt, signed anew.
        (await receivers.PostAsync("r", body, Sign.Standard(Standard, "1", now.AddSeconds(5), body))).Is(200);
        (await receivers.PostAsync("r", "{}", Sign.Standard(Standard, "1", now, "{}"))).Is(202);
        Assert.All(receivers.Queue.Received, x => Assert.Equal((true, true), (x.Webhook.IsIdSigned, x.Webhook.IsEventTypeSigned)));
    }

    [Fact]
    public async Task Slack_command_that_was_captured_is_not_run_again()
    {
        await using var receivers = await StartAsync(r => r.Slack(o => o.Secrets.Add(Secret)));
        var now = receivers.Clock.Now;
        (await receivers.PostAsync("r", "command=deploy", Sign.Slack(Secret, now, "command=deploy"))).Is(200);
        (await receivers.PostAsync("r?x=1", "command=deploy", Sign.Slack(Secret, now, "command=deploy"))).Is(200);
        Assert.Single(receivers.Queue.Received);
        // Typed again: signed at another time.
        (await receivers.PostAsync("r", "command=deploy", Sign.Slack(Secret, now.AddSeconds(1), "command=deploy"))).Is(200);
        Assert.Equal(2, receivers.Queue.Received.Count);
    }

    [Fact]
    public async Task Same_bytes_under_two_ids_at_a_time_are_published_once()
    {
        await using var receivers = await StartAsync(GitHub);
        receivers.Queue.Behave = token => Task.Delay(50, token);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(x => receivers.PostAsync("r", "x", Sign.GitHub(Secret, "x"), ("X-GitHub-Delivery", $"{x}"))));
        Assert.Single(answers, x => (int)x.Status == 202);
        Assert.Single(receivers.Queue.Received);
    }

    [Fact]
    public async Task Failed_publish_frees_the_id_and_the_signed_bytes()
    {
        await using var receivers = await StartAsync(GitHub);
        receivers.Queue.Behave = _ => throw new InvalidOperationException("down");
        (await receivers.PostAsync("r", "x", Sign.GitHub(Secret, "x"), ("X-GitHub-Delivery", "1"))).Is(503, "broker-unavailable");
        receivers.Queue.Behave = _ => Task.CompletedTask;
        (await receivers.PostAsync("r", "x", Sign.GitHub(Secret, "x"), ("X-GitHub-Delivery", "1"))).Is(202);
        Assert.DoesNotContain("other content", receivers.Logs.Text, StringComparison.Ordinal);
    }

    static Action<WebhookReceiverBuilder> Kind(string kind) => kind switch
    {
        "hmac" => r => r.Hmac(h => (h.Header, h.EventTypeHeader) = ("X-Sig", "X-Event"), o => o.Secrets.Add(Secret)),
        "token" => r => r.Token(t => t.EventTypeHeader = "X-Event", o => o.Secrets.Add(Secret)),
        "github" => GitHub,
        _ => r => r.AllowUnsigned(eventTypeHeader: "X-Event")
    };

    static (string, string)[] Proof(string kind, string body) => kind switch
    {
        "hmac" => [Declared(body)],
        "token" => [("X-Gitlab-Token", Secret)],
        "github" => [Sign.GitHub(Secret, body)],
        _ => []
    };

    static IEnumerable<Guid> MessageIds(Receivers receivers) => receivers.Queue.Received.Select(x => x.Webhook.GetMessageId());
}
