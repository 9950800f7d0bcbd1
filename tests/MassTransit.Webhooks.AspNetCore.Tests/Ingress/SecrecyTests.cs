using System.Diagnostics.Metrics;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore.Tests.Ingress;

public class SecrecyTests
{
    [Fact]
    public async Task Secrets_and_codes_are_in_no_log_and_no_answer()
    {
        const string secret = "whsec_dmVyeS1zZWNyZXQtaW5kZWVk";
        await using var receivers = await Receivers.StartAsync(b => b.Services
            .AddWebhookReceiver("github", r => r.GitHub(o => o.Secrets.Add(secret)))
            .AddWebhookReceiver("standard", r => r.StandardWebhooks(o => o.Secrets.Add(secret)))
            .AddWebhookReceiver("token", r => r.Token(configure: o => o.Secrets.Add(secret))));
        var answers = new List<Answer>();
        var good = Sign.GitHub(secret, "x");
        var standard = Sign.Standard(secret, "1", receivers.Clock.Now, "{}");
        answers.Add(await receivers.PostAsync("github", "x", good));
        answers.Add(await receivers.PostAsync("github", "y", good));
        answers.Add(await receivers.PostAsync("standard", "{}", standard));
        answers.Add(await receivers.PostAsync("standard", "{}", Sign.Standard(secret, "2", receivers.Clock.Now.AddDays(1), "{}")));
        answers.Add(await receivers.PostAsync("token", "x", ("X-Gitlab-Token", secret)));
        receivers.Queue.Behave = _ => throw new InvalidOperationException("down");
        answers.Add(await receivers.PostAsync("token", "y", ("X-Gitlab-Token", secret)));
        Assert.Equal([202, 401, 202, 401, 202, 503], answers.Select(x => (int)x.Status));

        var seen = receivers.Logs.Text + string.Concat(answers.Select(x => x.Text));
        Assert.Contains("signature-mismatch", seen, StringComparison.Ordinal);
        foreach (var hidden in new[] { secret, secret[6..], "very-secret-indeed", good.Item2[7..], standard[2].Item2[3..] })
            Assert.DoesNotContain(hidden, seen, StringComparison.Ordinal);
        Assert.DoesNotContain(receivers.Queue.Received.SelectMany(x => x.Webhook.Headers.Values),
            x => x.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_are_counted_by_receiver_and_reason()
    {
        using var listener = new MeterListener();
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var receivers =
            await Receivers.StartAsync(b => b.Services.AddWebhookReceiver("counted", r => r.GitHub(o => o.Secrets.Add("s"))));
        var factory = receivers.App.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter.Name == "MassTransit.Webhooks" && instrument.Meter.Scope == factory)
                own.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            seen.Enqueue($"{instrument.Name} {value} {string.Join(' ', tags.ToArray().Select(x => x.Value))}"));
        listener.Start();

        await receivers.PostAsync("counted", "x", Sign.GitHub("s", "x"));
        await receivers.PostAsync("counted", "x", Sign.GitHub("t", "x"));
        await receivers.PostAsync("whatever", "x");
        foreach (var (id, body) in new[] { ("1", "a"), ("1", "b"), ("2", "b") })
            await receivers.PostAsync("counted", body, Sign.GitHub("s", body), ("X-GitHub-Delivery", id));
        Assert.Equal(
            ["masstransit.webhooks.requests 1 counted accepted 202", "masstransit.webhooks.requests 1 counted signature-mismatch 401",
                "masstransit.webhooks.requests 1 unknown receiver-unknown 404",
                "masstransit.webhooks.requests 1 counted accepted 202", "masstransit.webhooks.ids.reused 1 counted",
                "masstransit.webhooks.requests 1 counted accepted 202",
                "masstransit.webhooks.requests 1 counted replayed 200"],
            seen);
    }
}
