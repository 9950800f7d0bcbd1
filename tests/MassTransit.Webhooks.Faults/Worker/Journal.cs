using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace MassTransit.Webhooks.Faults.Worker;

/// <summary>
/// One line for each begin and each end, with the machine's monotonic clock, written to the pipe at once: what was done before a
/// SIGKILL is in the parent's hands without any server's help.
/// </summary>
internal sealed class Journal : IDisposable
{
    public const string Ready = "ready", Begun = "b", BegunAgain = "a", Done = "e", Cancelled = "c";

    readonly Stream _output = Console.OpenStandardOutput();
    readonly Lock _gate = new();

    public void Begin(string id, bool redelivered) => Write($"{(redelivered ? BegunAgain : Begun)} {id}");

    public void End(string id) => Write($"{Done} {id}");

    public void Cancel(string id) => Write($"{Cancelled} {id}");

    public void Write(string what)
    {
        lock (_gate)
        {
            _output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what} {Stopwatch.GetTimestamp()}\n")));
            _output.Flush();
        }
    }

    public void Dispose() => _output.Dispose();
}
