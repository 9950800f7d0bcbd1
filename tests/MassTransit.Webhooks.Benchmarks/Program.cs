using MassTransit.Webhooks.Benchmarks;
using MassTransit.Webhooks.Benchmarks.Micro;
using MassTransit.Webhooks.Benchmarks.Scenarios;

// dotnet cake --target=Bench -- [--list] [NAME ...] [--json FILE]
Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");

IScenario[] scenarios =
[
    new PeerComparison(), new EndToEnd(batches: false), new EndToEnd(batches: true), new WebhookPipeline(), new Tuning(), new Sustained(),
    new Ingress(),
    new Conditions(), new Backlog(), new Requests(), new Delayed(), new IdleEndpoint(), new StoredMessage(), new Tracing(),
];
if (args.Contains("--list"))
{
    foreach (var scenario in scenarios)
        Console.WriteLine($"{scenario.Name,-14} {scenario.Description}");
    Console.WriteLine($"{"micro",-14} packing, dispatch, scripts and signatures, one by one, by BenchmarkDotNet; only by its name");
    return 0;
}

var json = args.SkipWhile(x => x != "--json").Skip(1).FirstOrDefault();
var names = args.TakeWhile(x => x != "--json").Where(x => !x.StartsWith('-')).ToArray();
if (names is ["micro"])
{
    BenchmarkDotNet.Running.BenchmarkRunner.Run([typeof(MicroBenchmarks), typeof(DispatchBenchmarks), typeof(ScriptBenchmarks)]);
    return 0;
}

var unknown = names.Except(scenarios.Select(x => x.Name)).ToArray();
if (unknown.Length > 0)
{
    Console.Error.WriteLine($"There is no scenario '{unknown[0]}'; --list names them.");
    return 2;
}

await using var servers = await Servers.StartAsync();
var report = new Report(servers);
report.Start();
await WarmUp.RunAsync(servers);
foreach (var scenario in scenarios.Where(x => names.Length == 0 || names.Contains(x.Name)))
{
    Console.WriteLine($"\n## {scenario.Name}: {scenario.Description}\n");
    report.Add(scenario.Name, await scenario.RunAsync(servers));
}

if (json is not null)
    await report.WriteAsync(json);
return 0;
