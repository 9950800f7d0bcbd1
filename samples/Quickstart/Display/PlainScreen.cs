using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Quickstart.Display;

/// <summary>One line a second: for files, pipes and builds.</summary>
sealed class PlainScreen : IScreen
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.No,
        ColorSystem = ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.No,
        Out = new WideOutput(),
    });

    public void Heading(string text) => Console.WriteLine($"\n{text}");

    public void Line(string text) => Console.WriteLine(text);

    public void Show(IRenderable renderable) => _console.Write(renderable);

    public async Task WatchAsync(Func<Task<Figures>> read, Func<Task> work)
    {
        var working = work();
        while (await Task.WhenAny(working, Task.Delay(Interval)) != working)
            Print(await read());
        await working;
        Print(await read());
    }

    static void Print(Figures x) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"sent {x.Answered}/{Figures.Total}, done {x.Settled}, {x.PerSecond:0}/s, latency avg {Ms(x.Processor?.AverageLatency)} p50 "
        + $"{Ms(x.Processor?.MedianLatency)} p99 {Ms(x.Processor?.Percentile99Latency)} ms; queue {x.Queue.QueueSize}, processing "
        + $"{x.Queue.Processing}, delayed {x.Queue.Delayed}, dead letters {x.Queue.DeadLetters}, completed {x.Queue.Completed}"));

    static string Ms(TimeSpan? time) => time?.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) ?? "-";

    /// <summary>A file has no width: tables are not to be broken to that of a terminal that is not there.</summary>
    sealed class WideOutput : IAnsiConsoleOutput
    {
        public TextWriter Writer => Console.Out;

        public bool IsTerminal => false;

        public int Width => 140;

        public int Height => 24;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
