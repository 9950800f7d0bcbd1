using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.Webhooks.Packages.Tests.Support;

/// <summary>Runs the SDK's commands.</summary>
static class Dotnet
{
    // Seconds on a machine at rest; other tests run beside.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>No server of the SDK outlives the command.</summary>
    static readonly Dictionary<string, string> Alone = new()
    {
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["UseSharedCompilation"] = "false",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1"
    };

    public static string Path =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : Executable.Find("dotnet")
        ?? throw new InvalidOperationException("There is no dotnet on the PATH.");

    /// <summary>Runs a command to its end, which must be a success, and returns what it printed.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="packages">The folder that it unpacks packages into; <c>null</c> for the user's own.</param>
    /// <param name="arguments">The command and what it is given.</param>
    public static async Task<string> RunAsync(string folder, string? packages, params string[] arguments)
    {
        var environment = new Dictionary<string, string>(Alone);
        if (packages is not null)
            environment["NUGET_PACKAGES"] = packages;
        using var process = await Launcher.StartAsync(Path, arguments, folder, environment, group: false);
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await Eventually.CompletesAsync(process.WaitForExitAsync(), Limit, $"dotnet {string.Join(' ', arguments)}");
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var text = string.Concat(await Eventually.CompletesAsync(output));
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{text}");
        return text;
    }
}
