using System.Globalization;
using MassTransit.Webhooks.Faults.Report;
using MassTransit.Webhooks.Faults.Worker;

namespace MassTransit.Webhooks.Faults;

/// <summary>dotnet cake --target=Faults -- [--list] [--short] [NAME ...] [--json FILE] [--markdown FILE] [--parallel N]</summary>
internal static class Program
{
    public const string WorkerMode = "worker";

    /// <summary>How many scenarios run at a time.</summary>
    public const int Parallel = 4;

    public static async Task<int> Main(string[] args)
    {
        Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");
        if (args is [WorkerMode, var options])
            return await WorkerProgram.RunAsync(WorkerOptions.Parse(options));

        if (args.Contains("--list"))
        {
            foreach (var scenario in Catalogue.All)
                Console.WriteLine($"{scenario.Name,-22} {scenario.Description}");
            return 0;
        }

        string[] valued = ["--json", "--markdown", "--parallel"];
        var names = args.Where((x, i) => !x.StartsWith('-') && (i == 0 || !valued.Contains(args[i - 1]))).ToArray();
        if (names.FirstOrDefault(x => Catalogue.Matching(x).Count == 0) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"There is no scenario '{unknown}'; --list names them.");
            return 2;
        }

        var settings = new Settings(args.Contains("--short"));
        var matrix = new Matrix(settings);
        var chosen = names.Length == 0 ? Catalogue.All : [.. names.SelectMany(Catalogue.Matching).Distinct()];
        Console.WriteLine(Matrix.Header);
        using var places =
            new SemaphoreSlim(int.TryParse(ValueOf("--parallel"), CultureInfo.InvariantCulture, out var parallel) ? parallel : Parallel);
        // Each on servers of its own, most of it waiting; shown in the order of the catalogue.
        foreach (var scenario in chosen.Select(x => RunAsync(x, settings, places)).ToArray())
        {
            foreach (var row in await scenario)
            {
                matrix.Add(row);
                Console.WriteLine(Matrix.Line(row));
            }
        }

        if (ValueOf("--json") is { } json)
            await matrix.WriteJsonAsync(json);
        if (ValueOf("--markdown") is { } markdown)
            await matrix.WriteMarkdownAsync(markdown);
        var broken = matrix.Rows.Where(x => x.Violations.Count > 0).ToArray();
        foreach (var row in broken)
            await Console.Error.WriteLineAsync($"BROKEN: {row.Scenario}, {row.Fault}, {row.Setting}: {string.Join("; ", row.Violations)}");
        return broken.Length == 0 ? 0 : 1;

        string? ValueOf(string name) => args.SkipWhile(x => x != name).Skip(1).FirstOrDefault();
    }

    static async Task<IReadOnlyList<Row>> RunAsync(IScenario scenario, Settings settings, SemaphoreSlim places)
    {
        await places.WaitAsync();
        try
        {
            var rows = new List<Row>();
            Progress.Say($"{scenario.Name}: {scenario.Description}");
            await foreach (var row in scenario.RunAsync(settings))
            {
                rows.Add(row);
                foreach (var violation in row.Violations)
                    Progress.Say($"  BROKEN: {scenario.Name}, {row.Setting}: {violation}");
                foreach (var error in row.Errors)
                    Progress.Say($"  {scenario.Name}, {row.Setting}, told to senders: {error}");
            }

            return rows;
        }
        finally
        {
            places.Release();
        }
    }
}
