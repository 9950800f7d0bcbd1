using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using MassTransit.RedisTransport.FaultWorker;
using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.RedisTransport.FaultTests.Support;

/// <summary>A consumer or producer in a process of its own, which can be killed and frozen. What it reports goes to the ledger.</summary>
sealed partial class WorkerProcess : IAsyncDisposable
{
    const int SigKill = 9, SigCont = 18, SigStop = 19;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly Process _process;
    readonly Ledger _ledger;
    readonly Task _reading;
    readonly Task<string> _errors;
    readonly ConcurrentDictionary<int, byte> _unfinished = new();
    readonly ConcurrentQueue<int> _logged = new();
    readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _begun;
    int _done;
    int _cancelled;
    bool _stopped;

    WorkerProcess(Process process, Ledger ledger)
    {
        _process = process;
        _ledger = ledger;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>The process, as an operation names its owner.</summary>
    public string Name => $"{Environment.MachineName}/{_process.Id}";

    /// <summary>How many messages its consumer was given.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>How many messages it has consumed.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>How many of its consumers were cancelled.</summary>
    public int Cancelled => Volatile.Read(ref _cancelled);

    /// <summary>What it is working on.</summary>
    public ICollection<int> Unfinished => _unfinished.Keys;

    public int CountLogged(int id) => _logged.Count(x => x == id);

    public static Task<WorkerProcess> StartAsync(TestServer server, string prefix, string queue, string mode, Ledger ledger,
        params string[] options) =>
        StartAsync(server.ConnectionString, prefix, queue, mode, ledger, options);

    public static async Task<WorkerProcess> StartAsync(string server, string prefix, string queue, string mode, Ledger ledger,
        params string[] options)
    {
        var folder = Path.GetDirectoryName(typeof(Ping).Assembly.Location)!;
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : Environment.ProcessPath;
        if (dotnet is null || !Path.GetFileNameWithoutExtension(dotnet).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            dotnet = Executable.Find("dotnet") ?? throw new InvalidOperationException("No dotnet on the PATH.");
        string[] arguments = [typeof(Ping).Assembly.Location, server, prefix, queue, mode, .. options];
        var process = await Launcher.StartAsync(dotnet, arguments, folder, new Dictionary<string, string>
        {
            ["MASSTRANSIT_USAGE_TELEMETRY"] = "false",
            // Starts sooner, which is most of what a killed worker's successor does here.
            ["DOTNET_TieredPGO"] = "0",
        }, group: false);
        return new WorkerProcess(process, ledger);
    }

    public async Task<WorkerProcess> ReadyAsync()
    {
        await Task.WhenAny(_ready.Task, _reading, Task.Delay(Limit));
        if (!_ready.Task.IsCompleted)
            throw new InvalidOperationException($"The worker did not start: {(_reading.IsCompleted ? await _errors : "no answer")}");
        return this;
    }

    /// <summary>SIGKILL: nothing is given back, nothing is said. Everything it had reported is in the ledger afterwards.</summary>
    public async Task KillAsync()
    {
        _stopped = true;
        var killed = Stopwatch.GetTimestamp();
        Signal(SigKill);
        await Eventually.CompletesAsync(_reading, Limit, "the killed worker's pipe ends");
        _ledger.Await(Unfinished, killed);
    }

    public void Suspend() => Signal(SigStop);

    public void Resume() => Signal(SigCont);

    /// <summary>Asks it to stop, as a deployment does.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        _process.StandardInput.Close();
        await Eventually.CompletesAsync(_process.WaitForExitAsync(), Limit, "the worker stops");
        await _reading;
        Assert.True(_process.ExitCode == 0, await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped || !_process.HasExited)
        {
            Signal(SigKill);
            await Task.WhenAny(_reading, Task.Delay(Limit));
        }

        _process.Dispose();
    }

    async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var parts = line.Split(' ');
            var number = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
            switch (parts[0])
            {
                case Report.Ready:
                    _ready.TrySetResult();
                    break;
                case Report.Begun:
                    _unfinished[number] = 0;
                    _ledger.Begin(number);
                    Interlocked.Increment(ref _begun);
                    break;
                case Report.Done:
                    _ledger.Consume(number);
                    _unfinished.TryRemove(number, out _);
                    Interlocked.Increment(ref _done);
                    break;
                case Report.Cancelled:
                    _unfinished.TryRemove(number, out _);
                    Interlocked.Increment(ref _cancelled);
                    break;
                case Report.Confirmed:
                    _ledger.Confirm(number);
                    break;
                case Report.Logged:
                    _logged.Enqueue(number);
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
