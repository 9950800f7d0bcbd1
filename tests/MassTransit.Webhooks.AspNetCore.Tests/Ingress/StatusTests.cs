using System.Diagnostics;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore.Tests.Ingress;

public class StatusTests
{
    const string Secret = "a-secret";

    static Task<Receivers> StartAsync(Action<WebhookReceiverBuilder>? more = null) =>
        Receivers.StartAsync(b => b.Services.AddWebhookReceiver("github", r =>
    {
        r.GitHub(o => o.Secrets.Add(Secret));
        more?.Invoke(r);
    }));

    [Fact]
    public async Task Accepted_and_then_a_duplicate()
    {
        await using var receivers = await StartAsync(r => r.Priority(5));
        var headers = new[] { Sign.GitHub(Secret, "x"), ("X-GitHub-Delivery", "d1"), ("X-GitHub-Event", "push") };
        (await receivers.PostAsync("github", "x", headers)).Is(202);
        (await receivers.PostAsync("GitHub", "x", headers)).Is(200);
        var (webhook, priority) = Assert.Single(receivers.Queue.Received);
        Assert.Equal(("d1", "push", "github", 5), (webhook.Id, webhook.EventType, webhook.Receiver, priority));
        Assert.Equal(receivers.Clock.Now, webhook.ReceivedAt);
    }

    [Theory, InlineData(200), InlineData(202), InlineData(204)]
    public async Task Accepted_is_answered_with_the_status_that_the_sender_takes(int status)
    {
        await using var receivers = await StartAsync(r => r.Configure(o => o.SuccessStatus = status));
        var headers = new[] { Sign.GitHub(Secret, "x"), ("X-GitHub-Delivery", "d1") };
        (await receivers.PostAsync("github", "x", headers)).Is(status);
        (await receivers.PostAsync("github", "x", headers)).Is(200);
        Assert.Single(receivers.Queue.Received);
        receivers.Queue.Behave = _ => throw new InvalidOperationException("down");
        (await receivers.PostAsync("github", "y", Sign.GitHub(Secret, "y"))).Is(503, "broker-unavailable");
    }

    [Fact]
    public async Task Refusals_have_a_status_and_a_reason()
    {
        await using var receivers = await StartAsync(r => r.Configure(o => o.ContentTypes.Add("application/json")));
        (string, string) json = ("Content-Type", "application/json; charset=utf-8");
        (await receivers.PostAsync("nobody", "x")).Is(404, "receiver-unknown");
        var get = await receivers.SendAsync("github", HttpMethod.Get, null);
        get.Is(405, "method-not-allowed");
        (await receivers.PostAsync("github", "x", ("Content-Type", "text/plain"), Sign.GitHub(Secret, "x")))
            .Is(415, "content-type-unsupported");
        (await receivers.PostAsync("github", "x", Sign.GitHub(Secret, "x"))).Is(415, "content-type-unsupported");
        (await receivers.PostAsync("github", "x", json)).Is(401, "signature-missing");
        (await receivers.PostAsync("github", "x", json, ("X-Hub-Signature-256", "sha256=no"))).Is(401, "signature-malformed");
        (await receivers.PostAsync("github", "x", json, Sign.GitHub(Secret, "x"), Sign.GitHub(Secret, "x"))).Is(401, "signature-malformed");
        (await receivers.PostAsync("github", "", json, Sign.GitHub(Secret, ""))).Is(400, "body-empty");
        (await receivers.PostAsync("github", "x", json, Sign.GitHub("another", "x"))).Is(401, "signature-mismatch");
        Assert.Empty(receivers.Queue.Received);
        (await receivers.PostAsync("github", "x", json, Sign.GitHub(Secret, "x"))).Is(202);
    }

    [Fact]
    public async Task Refusal_tells_no_more_than_the_code()
    {
        await using var receivers = await StartAsync();
        var answer = await receivers.PostAsync("github", "x", Sign.GitHub("another", "x"));
        Assert.Equal("""{"type":"about:blank","title":"Unauthorized","status":401,"reason":"signature-mismatch"}""", answer.Text);
        Assert.Equal("application/problem+json", answer.ContentType);
    }

    [Fact]
    public async Task Timestamp_outside_the_window_is_401()
    {
        const string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        await using var receivers =
            await Receivers.StartAsync(b => b.Services.AddWebhookReceiver("orders", r => r.StandardWebhooks(o => o.Secrets.Add(secret))));
        var now = receivers.Clock.Now;
        (await receivers.PostAsync("orders", "{}", Sign.Standard(secret, "a", now.AddSeconds(-301), "{}")))
            .Is(401, "timestamp-outside-window");
        (await receivers.PostAsync("orders", "{}", Sign.Standard(secret, "b", now.AddSeconds(301), "{}")))
            .Is(401, "timestamp-outside-window");
        (await receivers.PostAsync("orders", "{}", Sign.Standard(secret, "c", now.AddSeconds(-300), "{}"))).Is(202);
        (await receivers.PostAsync("orders", "{}", Sign.Standard(secret, "d", now.AddSeconds(300), "{}"))).Is(202);
    }

    [Fact]
    public async Task Broker_that_fails_is_503_and_the_next_attempt_is_published()
    {
        await using var receivers = await StartAsync(r => r.Configure(o => o.RetryAfter = TimeSpan.FromSeconds(7)));
        receivers.Queue.Behave = _ => throw new InvalidOperationException("down");
        var headers = new[] { Sign.GitHub(Secret, "x"), ("X-GitHub-Delivery", "d1") };
        var answer = await receivers.PostAsync("github", "x", headers);
        answer.Is(503, "broker-unavailable");
        Assert.Equal(7, answer.RetryAfter);
        Assert.DoesNotContain("down", answer.Text, StringComparison.Ordinal);

        receivers.Queue.Behave = _ => Task.CompletedTask;
        (await receivers.PostAsync("github", "x", headers)).Is(202);
        (await receivers.PostAsync("github", "x", headers)).Is(200);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Broker_that_hangs_is_503_within_the_limit(bool heedsToken)
    {
        await using var receivers = await StartAsync(r => r.Configure(o => o.EnqueueTimeout = TimeSpan.FromMilliseconds(300)));
        receivers.Queue.Behave = token => Task.Delay(Timeout.Infinite, heedsToken ? token : CancellationToken.None);
        var started = Stopwatch.GetTimestamp();
        var answer = await receivers.PostAsync("github", "x", Sign.GitHub(Secret, "x"));
        answer.Is(503, "broker-timeout");
        Assert.NotNull(answer.RetryAfter);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0.25, 5);
    }

    [Fact]
    public async Task Over_the_rate_limit_is_429_for_that_receiver_only()
    {
        await using var receivers = await Receivers.StartAsync(b => b.Services
            .AddWebhookReceiver("one", r => r.GitHub(o => o.Secrets.Add(Secret)).RateLimit(2, TimeSpan.FromMinutes(1)))
            .AddWebhookReceiver("two", r => r.GitHub(o => o.Secrets.Add(Secret)).RateLimit(2, TimeSpan.FromMinutes(1))));
        foreach (var body in new[] { "1", "2" })
            (await receivers.PostAsync("one", body, Sign.GitHub(Secret, body))).Is(202);
        var answer = await receivers.PostAsync("one", "3", Sign.GitHub(Secret, "3"));
        answer.Is(429, "rate-limited");
        Assert.InRange(answer.RetryAfter!.Value, 1, 60);
        (await receivers.PostAsync("two", "3", Sign.GitHub(Secret, "3"))).Is(202);
    }
}
