using MassTransit.Webhooks.Faults.Load;
using MassTransit.Webhooks.Faults.Report;
using MassTransit.Webhooks.Faults.Worker;

namespace MassTransit.Webhooks.Faults.Scenarios;

/// <summary>A scenario on one redis-server.</summary>
internal static class SingleServer
{
    /// <summary>Starts server, workers and senders, lets the fault happen, waits until all goes on, and counts.</summary>
    public static Task<Row> MeasureAsync(Settings settings, Row row, RedisServerOptions options,
        Func<RedisServerProcess, Trial, Task> fault,
        Func<SenderOptions, SenderOptions>? sender = null, int? concurrency = null) => Measured.RowAsync(row, async measured =>
        {
            await using var server = new RedisServerProcess(options);
            await Measured.StartAsync(server);
            var setUp = new SenderOptions { Server = server.ConnectionString, Prefix = Measured.Prefix() };
            var worker = new WorkerOptions { Server = setUp.Server, Prefix = setUp.Prefix };
            if (concurrency is { } value)
                worker = worker with { Concurrency = value };
            await using var trial = await Trial.StartAsync(settings, sender?.Invoke(setUp) ?? setUp, worker);
            await fault(server, trial);
            trial.Back();
            await trial.SteadyAsync("after the fault");
            return await trial.CountAsync(measured);
        });
}
