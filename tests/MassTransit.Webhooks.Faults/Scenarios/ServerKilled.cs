using MassTransit.Webhooks.Faults.Report;

namespace MassTransit.Webhooks.Faults.Scenarios;

internal sealed class ServerKilled : IScenario
{
    const int Kills = 3;

    public string Name => "server-killed";

    public string Group => "One server";

    public string Description => "Redis is killed (SIGKILL) and started again, three times";

    public async IAsyncEnumerable<Row> RunAsync(Settings settings)
    {
        foreach (var fsync in settings.Short ? ["always"] : new[] { "always", "everysec" })
        {
            var row = new Row { Group = Group, Scenario = Name, Fault = Description, Setting = $"appendfsync {fsync}", Hands = 2 * Kills };
            yield return await SingleServer.MeasureAsync(settings, row, new RedisServerOptions { AppendFsync = fsync },
                async (server, trial) =>
            {
                for (var i = 0; i < Kills; i++)
                {
                    await trial.OutageAsync(server.KillAsync, server.RestartAsync);
                    await trial.SteadyAsync($"after kill {i + 1}");
                }
            });
        }
    }
}
