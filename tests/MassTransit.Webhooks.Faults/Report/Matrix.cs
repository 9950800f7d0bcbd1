using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MassTransit.Webhooks.Faults.Ledgers;

namespace MassTransit.Webhooks.Faults.Report;

/// <summary>The table of all rows: as Markdown, between the markers of a file, and as JSON.</summary>
internal sealed class Matrix(Settings settings)
{
    const string Begin = "<!-- matrix: written by dotnet cake --target=Faults -->", End = "<!-- /matrix -->";
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    readonly List<Row> _rows = [];

    public IReadOnlyList<Row> Rows => _rows;

    public void Add(Row row) => _rows.Add(row);

    public static string Line(Row row)
    {
        if (row.LeftOut is { } reason)
            return $"| {row.Fault} | {row.Setting} | left out: {reason} | | | | | | |";

        var confirmed = string.Join(" · ", row.Kinds.OrderBy(x => x.Key).Select(x => Number(x.Value.Confirmed)));
        return $"| {row.Fault} | {row.Setting} | {confirmed} | {Split(row, x => x.Lost)}{Note(row.MayLose, row.Sum(x => x.Lost))} | "
            + $"{Split(row, x => x.RunTwice)}{Note(row.MayRepeat, row.Sum(x => x.RunTwice))} | {Number(row.InHand)} | "
            + $"{Split(row, x => x.WithoutLease)} | {Seconds(row.Longest(x => x.SenderOutage))} | "
            + $"{Seconds(row.Longest(x => x.ReceiverOutage))} |";
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        foreach (var group in _rows.GroupBy(x => x.Group))
        {
            text.Append(CultureInfo.InvariantCulture, $"### {group.Key}\n\n{Header}\n");
            foreach (var row in group)
                text.Append(Line(row)).Append('\n');
            text.Append('\n');
        }

        var used = Reason.All.Where(x => _rows.Any(row => row.MayLose == x || row.MayRepeat == x)).ToArray();
        foreach (var reason in used)
            text.Append(CultureInfo.InvariantCulture, $"- **{reason.Letter}** {reason.Text}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"\n{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, Redis {RedisVersion()}")
            .Append(settings.Short ? ", short form" : "")
            .Append(CultureInfo.InvariantCulture, $"; {Program.Parallel} scenarios at a time.\n");
        return text.ToString();
    }

    public const string Header =
        "| fault | setting | confirmed: plain · delayed · webhooks · HTTP | lost | run twice | in hand at the fault | begun without a "
        + "lease | sender's outage | receiver's outage |\n"
        + "|---|---|---|---|---|---:|---|---:|---:|";

    /// <summary>Puts the table between the markers of a file, and leaves the rest as it is.</summary>
    /// <exception cref="InvalidOperationException">The file has no markers.</exception>
    public async Task WriteMarkdownAsync(string path)
    {
        var text = File.Exists(path) ? await File.ReadAllTextAsync(path) : $"{Begin}\n{End}\n";
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new InvalidOperationException($"{path} lacks the lines between which the table goes: {Begin} and {End}");
        await File.WriteAllTextAsync(path, $"{text[..(begin + Begin.Length)]}\n\n{ToMarkdown()}\n{text[end..]}");
    }

    public Task WriteJsonAsync(string path) => File.WriteAllTextAsync(path, JsonSerializer.Serialize(_rows.Select(row => new
    {
        row.Group,
        row.Scenario,
        row.Fault,
        row.Setting,
        Kinds = row.Kinds.ToDictionary(x => x.Key.Name(), x => x.Value),
        row.InHand,
        row.DeadLetters,
        row.LeftOut,
        row.Errors,
        row.Violations,
    }), Indented));

    /// <summary>The sum, and whose it is where it is not nothing.</summary>
    static string Split(Row row, Func<Counts, int> count)
    {
        var parts = row.Kinds.OrderBy(x => x.Key).Where(x => count(x.Value) > 0).Select(x => $"{x.Key.Name()} {Number(count(x.Value))}")
            .ToArray();
        return parts.Length == 0 ? "0" : $"{Number(row.Sum(count))} ({string.Join(", ", parts)})";
    }

    static string Note(Reason? reason, int count) => reason is null || count == 0 ? "" : $" *{reason.Letter}*";

    static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    static string Seconds(TimeSpan time) => $"{time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s";

    static string RedisVersion() =>
        RedisTransport.Testing.Processes.Executable.Find("redis-server") is { } server
        && RedisTransport.Testing.Processes.Executable.Run(server, TimeSpan.FromSeconds(5), "--version") is { } version
        && version.Split("v=") is { Length: > 1 } parts
            ? parts[1].Split(' ')[0]
            : "in a container";
}
