using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MassTransit.RedisTransport.Testing.Processes;

/// <summary>A server as a child process.</summary>
sealed partial class ProcessInstance : ServerInstance
{
    const int SigKill = 9, SigTerm = 15, SigCont = 18, SigStop = 19;
    const int KeptLines = 40;

    readonly Process _process;
    readonly bool _group;
    readonly Queue<string> _lines = new();
    bool _disposed;

    ProcessInstance(Process process, bool group)
    {
        _process = process;
        _group = group;
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public override bool HasExited => _process.HasExited;

    public override long MemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public override string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Its working folder.</param>
    /// <param name="environment">Variables on top of this process's own.</param>
    /// <param name="group">The program starts further ones: signals go to all of them.</param>
    public static async Task<ProcessInstance> StartAsync(
        string file, IEnumerable<string> arguments, string folder, IDictionary<string, string>? environment = null, bool group = false) =>
        new(await Launcher.StartAsync(file, arguments, folder, environment, group), group);

    public override async Task KillAsync()
    {
        Signal(SigKill);
        await ExitedAsync(TimeSpan.FromSeconds(10));
    }

    public override async Task StopAsync(TimeSpan limit)
    {
        Signal(SigCont);
        Signal(SigTerm);
        if (!await ExitedAsync(limit))
            await KillAsync();
    }

    public override void Suspend() => Signal(SigStop);

    public override void Resume() => Signal(SigCont);

    public override void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Signal(SigKill);
        _process.WaitForExit(5000);
        _process.Dispose();
    }

    async Task<bool> ExitedAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    void Signal(int signal)
    {
        if (!_process.HasExited)
            _ = Kill(_group ? -_process.Id : _process.Id, signal);
    }

    void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > KeptLines)
                _lines.Dequeue();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
