using MassTransit.Webhooks.Faults.Report;

namespace MassTransit.Webhooks.Faults.Scenarios;

internal sealed class Outage : IScenario
{
    static readonly TimeSpan Patient = TimeSpan.FromMinutes(1), Impatient = TimeSpan.FromSeconds(2),
    ImpatientRequest = TimeSpan.FromSeconds(3);

    public string Name => "outage";

    public string Group => "One server";

    public string Description => "Redis is away, and comes back with all its data";

    public async IAsyncEnumerable<Row> RunAsync(Settings settings)
    {
        (string Setting, bool IsPatient, bool Hangs)[] all =
        [
            ("gone; senders wait for a minute", true, false),
            ("gone; senders give up after 2 s and repeat", false, false),
            ("hung (SIGSTOP); senders give up after 2 s and repeat", false, true),
        ];
        foreach (var (setting, isPatient, hangs) in settings.Short ? all[1..2] : all)
        {
            var row = new Row
            {
                Group = Group,
                Scenario = Name,
                Fault = $"{Description} ({settings.Outage.TotalSeconds:0} s)",
                Setting = setting
            };
            yield return await SingleServer.MeasureAsync(settings, row, new RedisServerOptions { AppendFsync = "always" },
                (server, trial) => trial.OutageAsync(async () =>
            {
                if (hangs)
                    server.Suspend();
                else
                    await server.KillAsync();
                await Task.Delay(settings.Outage);
            }, async () =>
            {
                if (hangs)
                    server.Resume();
                else
                    await server.RestartAsync();
            }), x => isPatient ? x with
            {
                SendTimeout = Patient,
                RequestTimeout = 2 * Patient
            } : x with { SendTimeout = Impatient, RequestTimeout = ImpatientRequest });
        }
    }
}
