using System.Diagnostics;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>
/// Does a deep queue slow the server down: webhooks and plain messages brought through with 1,000 and with 1,000,000 of them waiting
/// in front of nobody, behind a consumer of the same queue; and the slowest command meanwhile, by Redis's own SLOWLOG.
/// </summary>
internal sealed class Backlog : IScenario
{
    const int Deep = 1_000_000;
    const int Shallow = 1_000;

    /// <summary>What Redis logs as slow, in µs.</summary>
    const string Slow = "10000";

    public string Name => "backlog";

    public string Description =>
        "1,000,000 waiting beside 1,000: throughput with the backlog kept up, and commands over 10 ms; on a Redis of its own";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var options = new RedisServerOptions();
        options.ExtraLines.Add($"slowlog-log-slower-than {Slow}");
        options.ExtraLines.Add("slowlog-max-len 1000");
        await using var server = new RedisServerProcess(options);
        await server.StartAsync();
        await using var connection = await server.ConnectAsync();
        var redis = connection.GetServers()[0];

        var measurements = new List<Measurement>();
        foreach (var bundled in (bool[])[true, false])
        {
            var subject = bundled ? "IWebhookProcessor" : "IConsumer<Webhook>";
            foreach (var depth in (int[])[Shallow, Deep])
            {
                await redis.SlowlogResetAsync();
                Progress.Say($"{subject}: {depth:N0} waiting");
                var rate = await MeasureAsync(server, depth, bundled);
                measurements.Add(new(subject + (depth == Deep ? ", 1,000,000 waiting" : ""), "drained", rate, "webhooks/s",
                    depth == Deep ? subject : null));
                var slow = (await redis.SlowlogGetAsync(1_000)).Where(x => x.Arguments is not [var first, ..] || first != "KEYS").ToArray();
                measurements.Add(new($"commands over 10 ms, {depth:N0} waiting", subject, slow.Length, "commands"));
                foreach (var command in slow.Take(3))
                    Progress.Say($"slow: {command.Duration.TotalMilliseconds:0.0} ms, {string.Join(' ', command.Arguments.Take(2))}");
            }
        }

        return measurements;
    }

    /// <summary>
    /// Webhooks are taken off the front while the backlog is nearly whole: the deep one is measured over its first tenth. The shallow
    /// one is filled again and again, so that as many are measured.
    /// </summary>
    static async Task<double> MeasureAsync(RedisServerProcess server, int depth, bool bundled)
    {
        const int measured = Deep / 10;
        var prefix = WebhookHost.NewPrefix();
        void Consumers(IBusRegistrationConfigurator x)
        {
            if (bundled)
                return;
            x.AddConsumer<PlainConsumer, PlainDefinition>();
            x.AddConfigureEndpointsCallback((_, endpoint) => endpoint.PrefetchCount = 1_000);
        }

        void Webhooks(IWebhookConfigurator w)
        {
            if (bundled)
                w.AddProcessor<CountingProcessor>();
        }

        using (var subscriber = await WebhookHost.StartAsync(server.ConnectionString, Webhooks, Consumers, prefix))
            await subscriber.StopAsync();
        using var sender = await WebhookHost.StartAsync(server.ConnectionString, _ => { }, prefix: prefix);
        var queue = sender.Services.GetRequiredService<IWebhookQueue>();
        await WebhookHost.EnqueueBatchesAsync(queue, depth);

        var tally = new Tally();
        var done = tally.Expect(depth == Deep ? Deep : measured, finishAfter: measured);
        using var host = await WebhookHost.StartAsync(server.ConnectionString, w =>
        {
            Webhooks(w);
            w.Registration.AddSingleton(tally);
        }, Consumers, prefix);
        var started = Stopwatch.GetTimestamp();
        if (depth == Shallow)
        {
            // A thousand more whenever as many have been consumed, ids going on.
            for (var id = Shallow; id < measured; id += Shallow)
            {
                while (id - tally.Done > Shallow)
                    await Task.Yield();
                await queue.EnqueueBatchAsync(WebhookHost.Webhooks(Shallow, first: id));
            }
        }

        await done.WaitAsync(Rate.Patience);
        var rate = measured / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await host.StopAsync();
        await sender.StopAsync();
        return rate;
    }
}
