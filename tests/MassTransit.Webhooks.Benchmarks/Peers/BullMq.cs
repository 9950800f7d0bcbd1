using System.Diagnostics;
using System.Text.Json;

namespace MassTransit.Webhooks.Benchmarks.Peers;

/// <summary>BullMQ, by a small program for Node, on the same server. Where Node or its package cannot be had, it says why.</summary>
internal static class BullMq
{
    public const string Name = "BullMQ";

    public static async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Peers", "bullmq");
        if (!Directory.Exists(Path.Combine(folder, "node_modules"))
            && await RunAsync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], folder) is { Error: { } missing })
        {
            Progress.Say($"{Name} is left out: {missing}");
            return [];
        }

        var (lines, error) = await RunAsync("node", ["bench.mjs", servers.Redis.ConnectionString.Split(':')[^1]], folder);
        if (error is not null)
        {
            Progress.Say($"{Name} is left out: {error}");
            return [];
        }

        return
        [
            .. lines.Where(x => x.StartsWith('{')).Select(x => JsonSerializer.Deserialize<Line>(x, JsonSerializerOptions.Web)!)
                .Select(x => new Measurement(Name, x.Setting.Length == 0 ? x.What : $"{x.What}, {x.Setting}", x.Value, "jobs/s"))
        ];
    }

    static async Task<(List<string> Lines, string? Error)> RunAsync(string program, string[] arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        try
        {
            using var process = Process.Start(start)!;
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var lines = new List<string>();
            while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                Progress.Say($"{program}: {line}");
                lines.Add(line);
            }

            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0
                ? (lines, null)
                : ([], $"{program} failed: "
                    + (await errors).Split('\n').FirstOrDefault(x => x.Contains("rror", StringComparison.Ordinal)));
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return ([], $"{program} is not on the PATH.");
        }
    }

    sealed record Line(string What, string Setting, double Value);
}
