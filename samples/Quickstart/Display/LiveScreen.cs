using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Quickstart.Display;

/// <summary>Figures that change in their place: for a person at a terminal.</summary>
sealed class LiveScreen : IScreen
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    const int BarWidth = 40;

    public void Heading(string text) => AnsiConsole.MarkupLineInterpolated($"\n[bold]{text}[/]");

    public void Line(string text) => AnsiConsole.WriteLine(text);

    public void Show(IRenderable renderable) => AnsiConsole.Write(renderable);

    public async Task WatchAsync(Func<Task<Figures>> read, Func<Task> work)
    {
        var working = work();
        await AnsiConsole.Live(Render(await read())).StartAsync(async live =>
        {
            while (await Task.WhenAny(working, Task.Delay(Interval)) != working)
                live.UpdateTarget(Render(await read()));
            live.UpdateTarget(Render(await read()));
        });
        await working;
    }

    static Table Render(Figures x)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("").AddColumn("");
        table.AddRow("sent", Bar(x.Answered, "blue"));
        table.AddRow("processed", Bar(x.Settled, "green"));
        table.AddRow("throughput", Text($"{x.PerSecond:0} webhooks/s, success rate {x.Processor?.SuccessRate ?? 1:0.0%}"));
        var processor = x.Processor;
        table.AddRow("workers", Text(
            $"{processor?.ActiveWorkers ?? 0} of {processor?.WorkerLimit ?? 0} active, {processor?.WaitingBatches ?? 0} batches wait"));
        table.AddRow("latency", Text(
            $"avg {Ms(x.Processor?.AverageLatency)}, p50 {Ms(x.Processor?.MedianLatency)}, p99 {Ms(x.Processor?.Percentile99Latency)} ms"));
        table.AddRow("queue", Text(
            $"{x.Queue.QueueSize} wait, {x.Queue.Processing} in processing, {x.Queue.Delayed} delayed, {x.Queue.Completed} completed"));
        table.AddRow("dead letters", x.Queue.DeadLetters == 0 ? "0" : Text($"[red]{x.Queue.DeadLetters}[/]"));
        return table;
    }

    static string Bar(int value, string color)
    {
        var filled = BarWidth * value / Figures.Total;
        return Text($"[{color}]{new string('█', filled)}[/][grey]{new string('░', BarWidth - filled)}[/] {value}/{Figures.Total}");
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static string Ms(TimeSpan? time) => time?.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) ?? "-";
}
