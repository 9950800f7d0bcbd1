using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace MassTransit.Webhooks.AspNetCore.Tests.Senders;

/// <summary>The senders' own libraries, in a process of Node. Where Node or the packages cannot be had, it says why.</summary>
sealed class Judges : IDisposable
{
    static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(4);
    static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(1);

    readonly Process _node;

    Judges(Process node) => _node = node;

    /// <returns>The judges, or why there are none.</returns>
    public static async Task<(Judges? Judges, string? Missing)> StartAsync()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Senders", "judges");
        try
        {
            if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
            {
                using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"])
                {
                    WorkingDirectory = folder,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
                var errors = npm.StandardError.ReadToEndAsync();
                _ = npm.StandardOutput.ReadToEndAsync();
                await npm.WaitForExitAsync().WaitAsync(InstallLimit);
                if (npm.ExitCode != 0)
                    return (null, $"npm: {(await errors).Split('\n').FirstOrDefault()}");
            }

            return (new Judges(Process.Start(new ProcessStartInfo("node", ["judge.mjs"])
            {
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!), null);
        }
        catch (Exception exception) when (exception is Win32Exception or TimeoutException)
        {
            return (null, $"Node: {exception.Message}");
        }
    }

    public async Task<bool> AcceptsAsync(string sender, string secret, IReadOnlyDictionary<string, string> headers, string address,
        string body)
    {
        await _node.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { sender, secret, headers, address, body }));
        await _node.StandardInput.FlushAsync();
        var line = await _node.StandardOutput.ReadLineAsync().WaitAsync(AnswerLimit);
        Assert.NotNull(line);
        using var verdict = JsonDocument.Parse(line);
        return verdict.RootElement.GetProperty("accepted").GetBoolean();
    }

    public void Dispose()
    {
        _node.Kill();
        _node.Dispose();
    }
}
