using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Faults.Report;

namespace MassTransit.Webhooks.Faults.Scenarios;

internal sealed class MemoryFull : IScenario
{
    public string Name => "memory-full";

    public string Group => "One server";

    public string Description => "Redis is at its memory limit for a while";

    public async IAsyncEnumerable<Row> RunAsync(Settings settings)
    {
        var row = new Row
        {
            Group = Group,
            Scenario = Name,
            Fault = $"{Description} ({settings.FullDisk.TotalSeconds:0} s)",
            Setting = "maxmemory, noeviction"
        };
        yield return await SingleServer.MeasureAsync(settings, row, new RedisServerOptions(), async (server, trial) =>
        {
            await trial.NoteInHandAsync();
            await LimitAsync(server, "1mb");
            await Task.Delay(settings.FullDisk);
            await LimitAsync(server, "0");
        });
    }

    static async Task LimitAsync(RedisServerProcess server, string limit)
    {
        if (await RespProbe.SendAsync(server.Port, $"CONFIG SET maxmemory {limit}") is not "+OK\r\n")
            throw new InvalidOperationException("Redis did not take the limit.");
    }
}
