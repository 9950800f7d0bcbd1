using MassTransit.Webhooks.Benchmarks;
using MassTransit.Webhooks.Benchmarks.Scenarios;

// dotnet cake --target=Bench -- [--list] [NAME ...] [--json FILE]
Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");

IScenario[] scenarios =
[
    new EndToEnd(batches: false), new EndToEnd(batches: true), new IdleEndpoint(), new StoredMessage(), new WebhookPipeline(), new Tuning(), new Sustained(), new Ingress(),
];
if (args.Contains("--list"))
{
    foreach (var scenario in scenarios)
        Console.WriteLine($"{scenario.Name,-14} {scenario.Description}");
    return 0;
}

var json = args.SkipWhile(x => x != "--json").Skip(1).FirstOrDefault();
var names = args.TakeWhile(x => x != "--json").Where(x => !x.StartsWith('-')).ToArray();
var unknown = names.Except(scenarios.Select(x => x.Name)).ToArray();
if (unknown.Length > 0)
{
    Console.Error.WriteLine($"There is no scenario '{unknown[0]}'; --list names them.");
    return 2;
}

await using var servers = await Servers.StartAsync();
var report = new Report(servers);
report.Start();
foreach (var scenario in scenarios.Where(x => names.Length == 0 || names.Contains(x.Name)))
{
    Console.WriteLine($"\n## {scenario.Name}: {scenario.Description}\n");
    report.Add(scenario.Name, await scenario.RunAsync(servers));
}

if (json is not null)
    await report.WriteAsync(json);
return 0;
