using System.Collections.Concurrent;
using System.Diagnostics;

namespace MassTransit.RedisTransport.Testing.Processes;

/// <summary>
/// Starts processes that die with this one. The kernel's parent-death signal is sent when the thread that started the
/// child ends, not the process, so all are started by one thread that never ends.
/// </summary>
static class Launcher
{
    static readonly BlockingCollection<Action> Work = [];
    // For a server that is several processes: they share a process group, and a watchdog in it ends the group when this
    // process ($0) is gone.
    const string GroupScript = "(while kill -0 \"$0\" 2>/dev/null; do sleep 1; done; kill -9 -$$) & exec \"$@\"";

    static readonly string? SetPriv = Executable.Find("setpriv");

    static Launcher()
    {
        var thread = new Thread(() =>
        {
            foreach (var action in Work.GetConsumingEnumerable())
                action();
        })
        { IsBackground = true, Name = "test server launcher" };
        thread.Start();
    }

    public static Task<Process> StartAsync(
        string file, IEnumerable<string> arguments, string folder, IDictionary<string, string>? environment, bool group)
    {
        string[] command = group ? ["setsid", "sh", "-c", GroupScript, $"{Environment.ProcessId}", file] : [file];
        if (SetPriv is not null)
            command = [SetPriv, "--pdeathsig", "KILL", .. command];

        var info = new ProcessStartInfo(command[0])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false
        };
        foreach (var argument in command.Skip(1).Concat(arguments))
            info.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            info.Environment[name] = value;

        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(info)!);
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return started.Task;
    }
}
