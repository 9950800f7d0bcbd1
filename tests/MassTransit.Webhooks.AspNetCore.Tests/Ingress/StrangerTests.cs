using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Sockets;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore.Tests.Ingress;

/// <summary>
/// 1,200 connections that each sent most of a megabyte, without any signature, once took an ingress of 512 MB down. What a stranger sends
/// is refused by its headers, or held within a budget and for a time.
/// </summary>
public class StrangerTests
{
    const string Secret = "a-secret-of-the-tests";
    const string OrdersSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const int Megabyte = 1024 * 1024;
    static readonly string Forged = "X-Hub-Signature-256: sha256=" + new string('0', 64);

    static Task<Receivers> StartAsync(Action<WebhookIngressOptions>? limits = null) => Receivers.StartAsync(b =>
    {
        b.Services.Configure<WebhookIngressOptions>(x => limits?.Invoke(x));
        // The server drops who does not keep up with 240 bytes a second: here the ingress has to.
        b.WebHost.ConfigureKestrel(o => o.Limits.MinRequestBodyDataRate = null);
        b.Services.AddWebhookReceiver("github", r => r.GitHub(o => o.Secrets.Add(Secret)))
            .AddWebhookReceiver("orders", r => r.StandardWebhooks(o => o.Secrets.Add(OrdersSecret)));
    });

    static BodyBudget Budget(Receivers receivers) => receivers.App.Services.GetRequiredService<BodyBudget>();

    [Theory]
    [InlineData("github", 401, "X-None: 1")]
    [InlineData("github", 401, "X-Hub-Signature-256: sha256=no")]
    [InlineData("github", 401, "X-Hub-Signature-256: sha1=0000000000000000000000000000000000000000")]
    [InlineData("orders", 401, "webhook-id: 1")]
    [InlineData("orders", 401, "webhook-id: 1", "webhook-timestamp: 1600000000",
        "webhook-signature: v1,MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=")]
    [InlineData("nobody", 404, "X-None: 1")]
    public async Task What_the_headers_refuse_is_answered_before_its_body_has_come(string receiver, int status, params string[] headers)
    {
        await using var receivers = await StartAsync();
        foreach (var expect in new[] { "X-Expect: nothing", "Expect: 100-continue" })
        {
            using var sender = await RawSender.ConnectAsync(receivers.Port);
            await sender.HeadAsync(receiver, [.. headers, expect, $"Content-Length: {Megabyte}"]);
            // Not "100 Continue": it is not even asked for.
            Assert.Equal(status, await sender.StatusAsync());
        }
    }

    [Fact]
    public async Task What_is_announced_too_long_is_answered_before_it_has_come()
    {
        await using var receivers = await StartAsync();
        using var sender = await RawSender.ConnectAsync(receivers.Port);
        await sender.HeadAsync("github", Forged, $"Content-Length: {25 * Megabyte + 1}");
        Assert.Equal(413, await sender.StatusAsync());
    }

    [Fact]
    public async Task Sender_that_asks_first_is_told_to_go_on()
    {
        await using var receivers = await StartAsync();
        using var sender = await RawSender.ConnectAsync(receivers.Port);
        await sender.HeadAsync("github", $"X-Hub-Signature-256: {Sign.GitHub(Secret, "{}").Item2}", "Expect: 100-continue",
            "Connection: close", "Content-Length: 2");
        Assert.Equal(100, await sender.StatusAsync());
        await sender.WriteAsync("{}");
        Assert.Contains("HTTP/1.1 202 ", await sender.RestAsync(), StringComparison.Ordinal);
    }

    /// <summary>Announced is not taken: memory grows with what has come.</summary>
    [Fact]
    public async Task Announced_bodies_take_no_memory()
    {
        await using var receivers = await StartAsync();
        var senders = new List<RawSender>();
        for (var i = 0; i < 20; i++)
        {
            senders.Add(await RawSender.ConnectAsync(receivers.Port));
            await senders[i].HeadAsync("github", Forged, $"Content-Length: {Megabyte}");
            await senders[i].WriteAsync(new byte[1000]);
        }

        await Eventually.TrueAsync(() => Budget(receivers).Used >= 20 * 1000);
        Assert.InRange(Budget(receivers).Used, 20 * 1000, 20 * 8192);
        senders.ForEach(x => x.Dispose());
        await Eventually.EqualAsync(0, () => Budget(receivers).Used);
    }

    [Fact]
    public async Task Body_that_trickles_is_408()
    {
        await using var receivers = await StartAsync(x => x.BodyTimeout = TimeSpan.FromMilliseconds(500));
        using var sender = await RawSender.ConnectAsync(receivers.Port);
        await sender.HeadAsync("github", Forged, $"Content-Length: {Megabyte}");
        var answer = sender.StatusAsync();
        try
        {
            while (!answer.IsCompleted)
            {
                await sender.WriteAsync("x");
                await Task.WhenAny(answer, Task.Delay(20));
            }
        }
        catch (SocketException)
        {
            // It has been answered, and the connection closed.
        }

        Assert.Equal(408, await answer);
        await Eventually.EqualAsync(0, () => Budget(receivers).Used);
    }

    [Fact]
    public async Task Many_large_bodies_of_strangers_are_held_within_the_budget_and_senders_still_answered()
    {
        const int strangers = 400, budget = 8 * Megabyte;
        await using var receivers = await StartAsync(x => (x.MaxUnverifiedBytes, x.BodyTimeout) = (budget, TimeSpan.FromMinutes(1)));
        (await receivers.PostAsync("github", "warm", Sign.GitHub(Secret, "warm"))).Is(202);
        var most = 0L;
        var held = new List<RawSender>();
        try
        {
            var almost = new byte[Megabyte - 1];
            await Parallel.ForEachAsync(Enumerable.Range(0, strangers), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
            {
                var sender = await RawSender.ConnectAsync(receivers.Port);
                lock (held)
                    held.Add(sender);
                await sender.HeadAsync("github", Forged, $"Content-Length: {Megabyte}");
                try
                {
                    await sender.WriteAsync(almost);
                }
                catch (SocketException)
                {
                    // It has been refused, and the connection closed.
                }

                InterlockedMax(ref most, Budget(receivers).Used);
            });

            // Full, as far as large bodies may fill it.
            Assert.InRange(most, budget / 2, budget);
            for (var i = 0; i < 20; i++)
            {
                var body = i.ToString(CultureInfo.InvariantCulture);
                (await receivers.PostAsync("github", body, Sign.GitHub(Secret, body), ("X-GitHub-Delivery", body))).Is(202);
            }

            var large = new string('x', Megabyte / 2);
            var refused = await receivers.PostAsync("github", large, Sign.GitHub(Secret, large));
            refused.Is(503, "overloaded");
            Assert.NotNull(refused.RetryAfter);
        }
        finally
        {
            held.ForEach(x => x.Dispose());
        }

        await Eventually.EqualAsync(0, () => Budget(receivers).Used);
        var again = new string('x', Megabyte / 2);
        (await receivers.PostAsync("github", again, Sign.GitHub(Secret, again))).Is(202);
    }

    [Fact]
    public async Task Flood_of_refusals_is_told_of_once_with_its_number_and_counted_whole()
    {
        const int requests = 100;
        var counted = 0L;
        using var listener = new MeterListener();
        await using var receivers = await StartAsync();
        var factory = receivers.App.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Name == "masstransit.webhooks.requests" && instrument.Meter.Scope == factory)
                own.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref counted, value));
        listener.Start();
        var refusals = receivers.App.Services.GetRequiredService<RefusalLog>();
        refusals.Window = TimeSpan.FromSeconds(2);
        for (var i = 0; i < requests; i++)
            (await receivers.PostAsync("github", "x", Sign.GitHub("another-secret-of-the-tests", "x"))).Is(401, "signature-mismatch");

        Assert.Equal(requests, counted);
        var lines = receivers.Logs.Lines;
        await Eventually.EqualAsync(requests, () => lines.Count(x => x.Contains("was answered 401", StringComparison.Ordinal))
            + lines.Where(x => x.Contains("were answered 401", StringComparison.Ordinal)).Sum(More));
        Assert.InRange(lines.Count(x => x.Contains("answered 401", StringComparison.Ordinal)), 2, 10);
    }

    [Fact]
    public async Task What_has_not_been_told_of_a_flood_is_told_at_the_end()
    {
        RecordingLogs logs;
        await using (var receivers = await StartAsync())
        {
            logs = receivers.Logs;
            for (var i = 0; i < 5; i++)
                (await receivers.PostAsync("nobody", "x")).Is(404, "receiver-unknown");
        }

        Assert.Equal(4, logs.Lines.Where(x => x.Contains("were answered 404", StringComparison.Ordinal)).Sum(More));
    }

    [Theory]
    [InlineData(0, 10, "In WebhookIngressOptions, MaxUnverifiedBytes is 0: use at least 65536.")]
    [InlineData(Megabyte, 0, "In WebhookIngressOptions, BodyTimeout is 00:00:00: use more than 0")]
    public async Task Limits_that_let_nothing_in_are_refused_at_the_start(long bytes, int seconds, string named)
    {
        var refused = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => StartAsync(x => (x.MaxUnverifiedBytes, x.BodyTimeout) = (bytes, TimeSpan.FromSeconds(seconds))));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The number in "In the last 00:01:00 4 more requests…".</summary>
    static int More(string line)
    {
        var words = line.Split(' ');
        return int.Parse(words[Array.IndexOf(words, "more") - 1], CultureInfo.InvariantCulture);
    }

    static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Interlocked.Read(ref target); value > seen; seen = Interlocked.Read(ref target))
        {
            if (Interlocked.CompareExchange(ref target, value, seen) == seen)
                return;
        }
    }
}
