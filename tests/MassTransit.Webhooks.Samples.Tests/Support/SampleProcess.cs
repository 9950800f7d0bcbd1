using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.Webhooks.Samples.Tests.Support;

/// <summary>A sample as a user runs it: a process of its own, in the sample's folder, which is read line by line.</summary>
sealed partial class SampleProcess : IAsyncDisposable
{
    const int SigInt = 2, SigKill = 9, SigTerm = 15;
    static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(40);

    /// <summary>What the test's own environment may hold, and the sample must not see unless the test says so.</summary>
    static readonly string[] Cleared = ["REDIS_URL", "INGRESS_URL", "NUM_WORKERS", "BATCH_SIZE", "RABBITMQ_URL", "MANAGEMENT_URL",
        "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"];

    readonly string _name;
    readonly Process _process;
    readonly ConcurrentQueue<string> _lines = new();
    readonly Task _reading;

    SampleProcess(string name, Process process)
    {
        _name = name;
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public IReadOnlyCollection<string> Lines => _lines;

    public string Output => $"{_name}:\n{string.Join('\n', _lines.TakeLast(60))}";

    public static async Task<SampleProcess> StartAsync(string sample, IEnumerable<(string Name, string Value)> environment,
        params string[] arguments)
    {
        var folder = Path.Combine(Metadata("Samples"), sample);
        return await StartAssemblyAsync(Path.Combine(folder, Metadata("Built"), $"{sample}.dll"), folder, environment, arguments);
    }

    /// <summary>The same for any other program that was built.</summary>
    public static async Task<SampleProcess> StartAssemblyAsync(
        string assembly, string folder, IEnumerable<(string Name, string Value)> environment, params string[] arguments)
    {
        var variables = Cleared.ToDictionary(x => x, _ => "");
        // Starts sooner, which is most of what a sample does here.
        variables["DOTNET_TieredPGO"] = "0";
        // Several run on one machine.
        variables["MANAGEMENT_URL"] = "http://127.0.0.1:0";
        foreach (var (name, value) in environment)
            variables[name] = value;
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : Executable.Find("dotnet");
        Assert.NotNull(dotnet);
        string[] command = [assembly, .. arguments];
        return new SampleProcess(Path.GetFileNameWithoutExtension(assembly),
            await Launcher.StartAsync(dotnet, command, folder, variables, group: false));
    }

    /// <summary>Waits for a line, and names what was printed instead where it does not come.</summary>
    public async Task<string> LineAsync(Func<string, bool> wanted, TimeSpan? limit = null)
    {
        string? line = null;
        await Eventually.TrueAsync(() => (line = _lines.FirstOrDefault(wanted)) is not null || _process.HasExited,
            limit ?? TimeSpan.FromSeconds(60),
            $"the line of {Output}");
        line ??= await LastAsync(wanted);
        Assert.True(line is not null, $"It ended without the line. {Output}");
        return line;
    }

    /// <summary>Waits for the address an ASP.NET Core process listens on.</summary>
    public Task<Uri> AddressAsync() => AddressAsync(0);

    /// <summary>The same where it has metrics and health on an address of their own.</summary>
    public Task<Uri> ManagementAddressAsync() => AddressAsync(1);

    async Task<Uri> AddressAsync(int index)
    {
        const string listening = "Now listening on: ";
        await LineAsync(_ => _lines.Count(x => x.Contains(listening, StringComparison.Ordinal)) > index);
        var line = _lines.Where(x => x.Contains(listening, StringComparison.Ordinal)).ElementAt(index);
        return new Uri(line[(line.IndexOf(listening, StringComparison.Ordinal) + listening.Length)..].Trim());
    }

    /// <summary>Waits for the end, and everything printed before it.</summary>
    public async Task<int> ExitCodeAsync(TimeSpan? limit = null)
    {
        await Eventually.CompletesAsync(_process.WaitForExitAsync(), limit ?? ExitLimit, $"the end of {Output}");
        await Eventually.CompletesAsync(_reading, ExitLimit);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, as a deployment does.</summary>
    public Task<int> StopAsync() => EndAsync(SigTerm);

    /// <summary>SIGINT, as Ctrl+C does.</summary>
    public Task<int> InterruptAsync() => EndAsync(SigInt);

    /// <summary>SIGKILL: nothing is said and nothing given back.</summary>
    public Task<int> KillAsync() => EndAsync(SigKill);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    async Task<string?> LastAsync(Func<string, bool> wanted)
    {
        await Eventually.CompletesAsync(_reading, ExitLimit);
        return _lines.FirstOrDefault(wanted);
    }

    async Task<int> EndAsync(int signal)
    {
        _ = Kill(_process.Id, signal);
        return await ExitCodeAsync();
    }

    async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
            _lines.Enqueue(line);
    }

    static string Metadata(string key) =>
        typeof(SampleProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(x => x.Key == key).Value!;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
