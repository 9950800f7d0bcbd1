using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Faults.Load;
using MassTransit.Webhooks.Faults.Report;

namespace MassTransit.Webhooks.Faults.Scenarios;

/// <summary>Redis comes back with older data: what was confirmed since is gone. What is confirmed afterwards is not.</summary>
internal sealed class OldSnapshot : IScenario
{
    public string Name => "old-snapshot";

    public string Group => "One server";

    public string Description => "Redis is killed and comes back from a snapshot (RDB)";

    public async IAsyncEnumerable<Row> RunAsync(Settings settings)
    {
        foreach (var (setting, beforeAll) in new[] { ("of a moment ago", false),
            ("older than every subscription; the workers come back later", true) })
        {
            var row = new Row
            {
                Group = Group,
                Scenario = Name,
                Fault = Description,
                Setting = setting,
                MayLose = Reason.OldSnapshot,
                MayRepeat = Reason.OldSnapshot,
            };
            yield return await Measured.RowAsync(row, measured => MeasureAsync(settings, measured, beforeAll));
        }
    }

    static async Task<Row> MeasureAsync(Settings settings, Row row, bool beforeAll)
    {
        using var folder = new TempFolder("snapshot");
        await using var server = new RedisServerProcess(new RedisServerOptions { ExtraLines = { $"dir {folder.Path}" } });
        await Measured.StartAsync(server);
        var options = new SenderOptions { Server = server.ConnectionString, Prefix = Measured.Prefix() };
        if (beforeAll)
        {
            // Knows the application, as a server has that was set up before its workers.
            await using (await Sender.StartAsync(options))
                await SaveAsync(server);
            File.Copy(folder.File("dump.rdb"), folder.File("old.rdb"));
        }

        await using var trial = await Trial.StartAsync(settings, options);
        if (!beforeAll)
        {
            await SaveAsync(server);
            await trial.SteadyAsync("after the snapshot");
        }

        await trial.OutageAsync(async () =>
        {
            await server.KillAsync();
            if (beforeAll)
            {
                File.Copy(folder.File("old.rdb"), folder.File("dump.rdb"), overwrite: true);
                foreach (var worker in trial.AllWorkers)
                    await worker.KillAsync();
            }
        }, server.RestartAsync);
        trial.Back();
        if (beforeAll)
        {
            // Publishers alone keep what they know to be subscribed.
            await trial.ConfirmedAsync();
            for (var i = 0; i < 2; i++)
                await (await trial.AddWorkerAsync()).ReadyAsync();
        }

        await trial.SteadyAsync("after the fault");
        await trial.SteadyAsync("later");
        return await trial.CountAsync(row);
    }

    static async Task SaveAsync(RedisServerProcess server)
    {
        if (await RespProbe.SendAsync(server.Port, "SAVE") is not "+OK\r\n")
            throw new InvalidOperationException("Redis did not save.");
    }
}
