using System.CommandLine;
using System.Runtime.CompilerServices;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary>What an import has done.</summary>
sealed record ImportRow(string Queue, long Count, long Present, long LastLine)
{
    public static readonly Shape<ImportRow> Shape = new(
        new("action", "Action", _ => RedisAuditActions.Import),
        new("queue", "Queue", x => x.Queue),
        new("count", "Put in", x => x.Count),
        new("present", "There already", x => x.Present),
        new("lastLine", "Last line", x => x.LastLine));
}

/// <summary>Puts the letters of a file into a queue, after it has looked through all of them.</summary>
sealed class LetterImport(Session session, string queue, string file, LetterFile letters, bool anyQueue)
{
    /// <summary>How many damaged lines are told of.</summary>
    const int MostProblems = 10;

    const int Samples = 3;

    static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>The lines of the letters that are on their way, in their order.</summary>
    readonly Queue<long> _lines = new();

    RedisImportProgress _progress = new(0, 0, 0);
    long _lastLine, _told;

    /// <summary>Reads the whole file, so that a damaged line is found before anything is done.</summary>
    /// <exception cref="ToolException">There is a line that is no letter, or one of another queue.</exception>
    public async Task<Danger> LookThroughAsync(long from, CancellationToken cancellationToken)
    {
        if (from < 1)
            throw ToolException.Usage("--from is a line: 1 or more.");
        long count = 0, problems = 0;
        DateTimeOffset? oldest = null, newest = null;
        var samples = new List<string>();
        await foreach (var line in letters.ReadAsync(from, cancellationToken))
        {
            if (ProblemOf(line) is { } problem)
            {
                if (++problems <= MostProblems)
                    session.Messages.Error($"mtq: {file}, line {line.Number} {problem}.");
                continue;
            }

            count++;
            oldest = oldest < line.Letter!.DeadSince ? oldest : line.Letter.DeadSince;
            newest = newest > line.Letter.DeadSince ? newest : line.Letter.DeadSince;
            if (samples.Count < Samples)
                samples.Add(line.Text);
        }

        if (problems > 0)
            throw ToolException.Usage($"{problems} of {count + problems} lines cannot be imported. Nothing was changed.");
        return new Danger("import", queue, count)
        {
            Oldest = oldest,
            Newest = newest,
            Samples = samples,
            Remark = "Those that lie there already are passed over.",
        };
    }

    public async Task<int> RunAsync(ParseResult result, long from, long total, CancellationToken cancellationToken)
    {
        _lastLine = from - 1;
        _told = session.Console.Time.GetTimestamp();
        try
        {
            await session.DeadLetters.ImportAsync(queue, ReadAsync(from, cancellationToken), Acting.By(session, result), file,
                new Told(progress => Follow(progress, total)), cancellationToken);
        }
        catch (Exception exception) when (exception is not OutputClosedException)
        {
            Show();
            var done = _progress.Letters == 0 ? "Nothing is in" : $"Lines {from} to {_lastLine} are in";
            session.Messages.Warning($"{done}. Go on with: mtq {Line(result, total - _progress.Letters)}");
            if (exception is ArgumentException)
                throw new ToolException(ExitCode.Failed, exception.Message);
            throw;
        }

        Show();
        return ExitCode.Done;
    }

    string? ProblemOf(LetterLine line)
    {
        if (line.Letter is null)
            return line.Text;
        return line.Queue == queue || anyQueue
            ? null : $"is a letter of '{line.Queue}', not of '{queue}': --any-queue takes it all the same";
    }

    async IAsyncEnumerable<RedisExportedLetter> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in letters.ReadAsync(from, cancellationToken))
        {
            // The file may be another one than it was a moment ago.
            if (ProblemOf(line) is { } problem)
                throw new ToolException(ExitCode.Failed, $"{file}, line {line.Number} {problem}.");
            _lines.Enqueue(line.Number);
            yield return line.Letter!;
        }
    }

    void Follow(RedisImportProgress progress, long total)
    {
        for (var letter = _progress.Letters; letter < progress.Letters; letter++)
            _lastLine = _lines.Dequeue();
        _progress = progress;
        var time = session.Console.Time;
        if (time.GetElapsedTime(_told) < Interval)
            return;
        _told = time.GetTimestamp();
        session.Messages.Info($"{progress.Letters} of {total} are in.");
    }

    void Show() => session.Output.One(ImportRow.Shape, new ImportRow(queue, _progress.Imported, _progress.Present, _lastLine));

    /// <summary>The line that goes on behind what is in.</summary>
    string Line(ParseResult result, long left) => $"dead import {GlobalOptions.Quoted(queue)} {GlobalOptions.Quoted(file)} "
        + $"--from {_lastLine + 1}{(anyQueue ? " --any-queue" : "")}{Confirmation.Again(result, left)}{GlobalOptions.Again(result)}";

    sealed class Told(Action<RedisImportProgress> follow) : IProgress<RedisImportProgress>
    {
        public void Report(RedisImportProgress value) => follow(value);
    }
}
