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

    public static Task<Process> StartAsync(string file, IEnumerable<string> arguments, string folder, IDictionary<string, string>? environment)
    {
        var info = new ProcessStartInfo(SetPriv ?? file)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false
        };
        if (SetPriv is not null)
        {
            foreach (var argument in (string[])["--pdeathsig", "KILL", file])
                info.ArgumentList.Add(argument);
        }

        foreach (var argument in arguments)
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
