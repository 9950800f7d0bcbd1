using System.Diagnostics;

namespace MassTransit.RedisTransport.Testing.Processes;

/// <summary>Finds programs.</summary>
static class Executable
{
    static readonly Lazy<bool> Docker = new(DockerAnswers);

    /// <summary>True where a Docker engine answers.</summary>
    public static bool HasDocker => Docker.Value;

    public static string? Find(params string[] names)
    {
        // Servers live in sbin, which is not on every user's path.
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"]);
        return folders.SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }

    /// <summary>Runs a program to its end and returns what it printed, or <c>null</c> when it failed or took too long.</summary>
    public static string? Run(string file, TimeSpan limit, params string[] arguments)
    {
        var info = new ProcessStartInfo(file) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments)
            info.ArgumentList.Add(argument);
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill();
            return null;
        }

        return process.ExitCode == 0 ? output.GetAwaiter().GetResult().Trim() : null;
    }

    static bool DockerAnswers() =>
        Find("docker") is { } docker
            && Run(docker, TimeSpan.FromSeconds(5), "version", "--format", "{{.Server.Version}}") is { Length: > 0 };
}
