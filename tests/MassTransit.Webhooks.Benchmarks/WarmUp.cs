using System.Diagnostics;

namespace MassTransit.Webhooks.Benchmarks;

/// <summary>
/// Lets the runtime compile and optimize both paths before anything is measured: the first scenario would be the slowest otherwise,
/// whatever it measures. A scenario's own warm-up comes on top.
/// </summary>
internal static class WarmUp
{
    static readonly TimeSpan Time = TimeSpan.FromSeconds(6);

    public static async Task RunAsync(Servers servers)
    {
        Progress.Say("warm-up");
        var started = Stopwatch.GetTimestamp();
        using (var host = await MessageHost.StartAsync(Transport.OnRedis(servers), 100))
        {
            while (Stopwatch.GetElapsedTime(started) < Time)
                await MessageHost.RoundAsync(host, 10_000);
            await host.StopAsync();
        }

        started = Stopwatch.GetTimestamp();
        using var webhooks = await WebhookHost.StartAsync(servers, w => w.AddProcessor<CountingProcessor>());
        while (Stopwatch.GetElapsedTime(started) < Time)
            await WebhookHost.RoundAsync(webhooks, 50_000, WebhookHost.EnqueueBatchesAsync);
        await webhooks.StopAsync();
    }
}
