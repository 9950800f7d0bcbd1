using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Faults.Ledgers;

namespace MassTransit.Webhooks.Faults.Worker;

/// <summary>A worker in a process of its own. What it writes down goes to the ledger.</summary>
internal sealed partial class WorkerProcess : IAsyncDisposable
{
    const int SigKill = 9, SigTerm = 15, SigCont = 18, SigStop = 19;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly Ledger _ledger;
    readonly int _number;
    readonly Task _reading;
    readonly Task<string> _errors;
    readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _done;

    WorkerProcess(Process process, int number, Ledger ledger)
    {
        _process = process;
        _number = number;
        _ledger = ledger;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = Task.Run(ReadAsync);
    }

    public int Number => _number;

    /// <summary>How many it has ended.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <param name="number">Tells it apart in the ledger.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="ledger">Where its journal goes.</param>
    /// <param name="inside">A command in front of the worker's own, such as <c>ip netns exec name</c>.</param>
    public static async Task<WorkerProcess> StartAsync(int number, WorkerOptions options, Ledger ledger, params string[] inside)
    {
        var program = typeof(WorkerProcess).Assembly.Location;
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : Environment.ProcessPath;
        if (dotnet is null || !Path.GetFileNameWithoutExtension(dotnet).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            dotnet = Executable.Find("dotnet") ?? throw new InvalidOperationException("No dotnet on the PATH.");
        string[] command = [.. inside, dotnet, program, Program.WorkerMode, options.ToJson()];
        var process = await Launcher.StartAsync(command[0], command[1..], Path.GetDirectoryName(program)!, new Dictionary<string, string>
        {
            ["MASSTRANSIT_USAGE_TELEMETRY"] = "false",
            // Starts sooner, which is most of what a killed worker's successor does here.
            ["DOTNET_TieredPGO"] = "0",
        }, group: false);
        return new WorkerProcess(process, number, ledger);
    }

    public async Task<WorkerProcess> ReadyAsync()
    {
        await Task.WhenAny(_ready.Task, _reading, Task.Delay(Limit));
        if (!_ready.Task.IsCompleted)
            throw new InvalidOperationException($"The worker did not start: {(_reading.IsCompleted ? await _errors : "no answer")}");
        return this;
    }

    /// <summary>SIGKILL: nothing is given back, nothing is said.</summary>
    public async Task KillAsync()
    {
        Signal(SigKill);
        await Task.WhenAny(_reading, Task.Delay(Limit));
    }

    public void Suspend() => Signal(SigStop);

    public void Resume() => Signal(SigCont);

    /// <summary>SIGTERM, and SIGKILL where it does not end: what a deployment does.</summary>
    /// <returns>False where it had to be killed.</returns>
    public async Task<bool> StopAsync()
    {
        Signal(SigTerm);
        if (await Task.WhenAny(_reading, Task.Delay(Limit)) == _reading)
            return true;
        await KillAsync();
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        Signal(SigCont);
        await KillAsync();
        _process.Dispose();
    }

    async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var parts = line.Split(' ');
            var at = long.TryParse(parts[^1], CultureInfo.InvariantCulture, out var ticks) ? ticks : 0;
            switch (parts[0])
            {
                case Journal.Ready:
                    _ready.TrySetResult();
                    break;
                case Journal.Begun or Journal.BegunAgain:
                    _ledger.Begin(parts[1], _number, at, parts[0] == Journal.BegunAgain);
                    break;
                case Journal.Done:
                    _ledger.End(parts[1], at);
                    Interlocked.Increment(ref _done);
                    break;
            }
        }
    }

    void Signal(int signal)
    {
        if (!_process.HasExited)
            _ = Kill(_process.Id, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
