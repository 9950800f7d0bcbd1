using System.Collections.Concurrent;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;

namespace MassTransit.Webhooks.Tests.Publishing;

/// <summary>
/// A server that is away while senders go on. Once each webhook that had been refused was published all the same when the server was back,
/// up to 14 times, and senders waited four send timeouts.
/// </summary>
public sealed class OutageTests
{
    /// <summary>Two groups of a lane, and one that came alone.</summary>
    const int InHand = 201;

    static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(1);

    readonly string _prefix = TestNames.Unique("outage");
    readonly Journal _journal = new();

    public static TheoryData<string, bool> Outages => new()
    {
        { "frozen", true },
        { "frozen", false },
        { "killed", true },
        { "killed", false },
    };

    [SkippableTheory]
    [MemberData(nameof(Outages))]
    public async Task What_was_refused_during_an_outage_is_not_published_after_it(string outage, bool impatient)
    {
        await using var server = new RedisServerProcess(new RedisServerOptions { AppendFsync = "always" });
        await server.StartAsync();
        server.SkipIfUnavailable();
        await using (await StartAsync(server, w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "hooks")))
        {
        }

        await using var sender = await StartAsync(server);
        await sender.Queue.EnqueueAsync(new Webhook { Id = "before" });
        if (outage == "frozen")
            server.Suspend();
        else
            await server.KillAsync();

        // Four times as many rounds as a lane could ever have in hand, each of them refused.
        var refused = new ConcurrentQueue<string>();
        var confirmed = new ConcurrentQueue<string>();
        for (var round = 0; round < 4; round++)
        {
            await Eventually.CompletesAsync(Task.WhenAll(Enumerable.Range(0, 500).Select(async x =>
            {
                var id = $"{round}-{x}";
                using var patience = new CancellationTokenSource();
                if (impatient)
                    patience.CancelAfter(SendTimeout / 4);
                try
                {
                    await sender.Queue.EnqueueAsync(new Webhook { Id = id }, cancellationToken: patience.Token);
                    confirmed.Enqueue(id);
                }
                catch (Exception exception) when (exception is OperationCanceledException or RedisTransportException { IsTransient: true })
                {
                    refused.Enqueue(id);
                }
            })), message: "every sender has an answer");
        }

        Assert.Equal((2_000, 0), (refused.Count, confirmed.Count));
        if (outage == "frozen")
            server.Resume();
        else
            await server.RestartAsync();

        // Those that come now do not wait behind anything.
        await Eventually.TrueAsync(async () =>
        {
            await Task.WhenAll(Enumerable.Range(0, 300).Select(x => sender.Queue.EnqueueAsync(new Webhook { Id = $"after-{x}" })));
            return true;
        }, message: "sending goes on");
        await using var app = await StartAsync(server, w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "hooks"));
        await Eventually.TrueAsync(async () => _journal.Count("after-299") > 0
            && await app.Queue.GetMetricsAsync() is { QueueSize: 0, Processing: 0, Delayed: 0 }, message: "all to be processed");

        Assert.Equal(1, _journal.Count("before"));
        var all = refused.ToHashSet();
        Assert.InRange(_journal.Seen.Count(x => all.Contains(x.Webhook.Id)), 0, InHand);
    }

    [SkippableFact]
    public async Task Batch_ends_within_its_time_and_nothing_of_it_is_published_later_but_what_was_on_its_way()
    {
        await using var server = new RedisServerProcess();
        await server.StartAsync();
        server.SkipIfUnavailable();
        await using (await StartAsync(server, w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "hooks")))
        {
        }

        await using var sender = await StartAsync(server);
        await sender.Queue.EnqueueAsync(new Webhook { Id = "before" });
        server.Suspend();
        var refusal = await Assert.ThrowsAsync<RedisTransportException>(() =>
            Eventually.CompletesAsync(
                sender.Queue.EnqueueBatchAsync(Enumerable.Range(0, 10_000).Select(x => new Webhook { Id = $"{x}" }))));
        Assert.True(refusal.IsTransient);
        server.Resume();

        await Eventually.TrueAsync(async () => (await sender.Queue.GetMetricsAsync()).QueueSize >= 1, message: "the server answers");
        await sender.Queue.EnqueueBatchAsync(Enumerable.Range(0, 100).Select(x => new Webhook { Id = $"after-{x}" }));
        Assert.InRange((await sender.Queue.GetMetricsAsync()).QueueSize, 101, 901);
    }

    Task<RedisApp> StartAsync(TestServer server, Action<IWebhookConfigurator>? webhooks = null) =>
        RedisApp.StartAsync(server, _prefix, _journal, webhooks ?? (_ => { }), host: h => h.SendTimeout = SendTimeout);
}
