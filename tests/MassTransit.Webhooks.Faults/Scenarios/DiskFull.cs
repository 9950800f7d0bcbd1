using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Faults.Load;
using MassTransit.Webhooks.Faults.Report;
using MassTransit.Webhooks.Faults.Servers;

namespace MassTransit.Webhooks.Faults.Scenarios;

internal sealed class DiskFull : IScenario
{
    public string Name => "disk-full";

    public string Group => "One server";

    public string Description => "the disk is full for a while";

    public async IAsyncEnumerable<Row> RunAsync(Settings settings)
    {
        foreach (var (setting, fsync) in new[]
        {
            ("appendfsync everysec: Redis refuses writes", "everysec"),
            ("appendfsync always: Redis ends itself, and is started again", "always"),
            ("snapshots each second: Redis refuses writes", null),
        })
        {
            var row = new Row
            {
                Group = Group,
                Scenario = Name,
                Fault = $"{Description} ({settings.FullDisk.TotalSeconds:0} s)",
                Setting = setting
            };
            yield return await Measured.RowAsync(row, measured => MeasureAsync(settings, measured, fsync));
        }
    }

    static async Task<Row> MeasureAsync(Settings settings, Row row, string? fsync)
    {
        using var disk = SmallDisk.Mount();
        var options = new RedisServerOptions { AppendFsync = fsync, ExtraLines = { $"dir {disk.Path}" } };
        if (fsync is null)
            options.ExtraLines.Add("save 1 1");
        await using var server = new RedisServerProcess(options);
        await Measured.StartAsync(server);
        var sender = new SenderOptions { Server = server.ConnectionString, Prefix = Measured.Prefix() };
        await using var trial = await Trial.StartAsync(settings, sender);
        await trial.NoteInHandAsync();
        disk.Fill();
        await Task.Delay(settings.FullDisk);
        disk.Empty();
        if (!await RespProbe.AnswersAsync(server.Port))
            await server.RestartAsync();
        trial.Back();
        await trial.SteadyAsync("after the fault");
        return await trial.CountAsync(row);
    }
}
