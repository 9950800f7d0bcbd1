namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>
/// From publish to consumed: 100 publishers at a time, a 500-byte body, every id counted at the consumer. The median of
/// several rounds after a warm-up, each transport in turn at each limit.
/// </summary>
internal sealed class EndToEnd(bool batches) : IScenario
{
    static readonly int[] Limits = [16, 100, 1_000];

    public string Name => batches ? "batch" : "single";

    public string Description => batches
        ? "publish to IConsumer<Batch<T>> of up to 100, 500-byte bodies"
        : "publish to IConsumer<T>, 500-byte bodies";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var measurements = new List<Measurement>();
        foreach (var limit in Limits)
        {
            foreach (var transport in Transport.All(servers))
            {
                // The in-memory transport's dispatch costs time in proportion to the limit: fewer messages do for it.
                var count = transport.Name == Transport.Redis ? 40_000 : 10_000;
                var rate = await MeasureAsync(transport, limit, count);
                Progress.Say($"{transport.Name} at {limit}: {rate:N0}/s");
                measurements.Add(new Measurement(transport.Name, $"limit {limit}", rate, "messages/s",
                    transport.Name == Transport.Redis ? null : Transport.Redis));
            }
        }

        return [.. measurements.Select(x => x.Subject == Transport.Redis ? x with { Peer = Transport.InMemory } : x with { Peer = null })];
    }

    async Task<double> MeasureAsync(Transport transport, int limit, int count)
    {
        using var host = await MessageHost.StartAsync(transport, limit, batches);
        var rate = await Rate.MedianAsync(count, x => MessageHost.RoundAsync(host, x));
        await host.StopAsync();
        return rate;
    }
}
