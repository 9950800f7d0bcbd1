using System.Diagnostics;
using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.RedisTransport.Tool.Tests.Processes;

/// <summary>Real shells that know <c>mtq</c>, with an environment of the test's own.</summary>
sealed class Shell : IDisposable
{
    readonly TempFolder _folder = new("shell");

    public Shell()
    {
        Directory.CreateDirectory(_folder.File("bin"));
        var script = _folder.File("bin/mtq");
        File.WriteAllText(script, $"#!/bin/sh\nexec '{Program}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Environment["PATH"] = $"{_folder.File("bin")}:{System.Environment.GetEnvironmentVariable("PATH")}";
        Environment["HOME"] = _folder.Path;
        Environment["XDG_CONFIG_HOME"] = _folder.File("config");
        foreach (var name in new[] { "REDIS_URL", "MTQ_REDIS", "MTQ_PREFIX", "MTQ_CONTEXT", "MTQ_SECRET", "MTQ_OUTPUT" })
            Environment[name] = "";
    }

    public Shell(TestServer server, string prefix) : this()
    {
        Environment["MTQ_REDIS"] = server.ConnectionString;
        Environment["MTQ_PREFIX"] = prefix;
    }

    public Dictionary<string, string> Environment { get; } = [];

    public string Folder => _folder.Path;

    /// <summary>What the build has made, beside this assembly's own folder: Debug or Release, as the tests.</summary>
    static string Program
    {
        get
        {
            var built = Path.GetRelativePath(Path.Combine(Repository.Root, "tests", "MassTransit.RedisTransport.Tool.Tests"),
                AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            return Path.Combine(Repository.Root, "src", "MassTransit.RedisTransport.Tool", built, "MassTransit.RedisTransport.Tool");
        }
    }

    public Task<Process> StartAsync(string shell, string script) =>
        Launcher.StartAsync(shell, ["-c", script], _folder.Path, Environment, group: false);

    /// <summary>Runs a script to its end.</summary>
    public async Task<(int Code, string Out, string Error)> RunAsync(string script, string shell = "/bin/bash")
    {
        using var process = await StartAsync(shell, script);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await Eventually.CompletesAsync(process.WaitForExitAsync(), TimeSpan.FromSeconds(60), script);
        return (process.ExitCode, await Eventually.CompletesAsync(output), await Eventually.CompletesAsync(error));
    }

    public void Dispose() => _folder.Dispose();
}
