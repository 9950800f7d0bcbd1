using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary><c>mtq dead export</c> and <c>mtq dead import</c>: dead letters in a file, and back.</summary>
static class DeadFileVerbs
{
    public static Verb CreateExport(ToolConsole console)
    {
        var queue = QueueNames.DeadArgument(console);
        var filter = new DeadFilter();
        var unmask = new Option<bool>("--unmask") { Description = "With headers that look like secrets" };
        return new Verb(console, "export", "Writes dead letters with their bodies, one JSON object a line. They stay where they are.",
            "dead export orders --exception TimeoutException > letters.ndjson", "dead export orders --unmask > letters.ndjson")
            .With([queue, .. filter.Options, unmask])
            .Does(async (result, session, cancellationToken) =>
            {
                var name = await DeadQueue.FindAsync(session, result.GetValue(queue)!, cancellationToken);
                var output = new DataOutput(session.Console.Out, OutputFormat.Ndjson, 0, color: false);
                await session.Redis.Audit.RecordAsync(
                    Acting.Entry(session, result, RedisAuditActions.Export, name, filter.Describe(result), null), cancellationToken);
                var (count, masked) = (0L, 0L);
                string? next = null;
                do
                {
                    var page = await session.DeadLetters.ListAsync(name, filter.Read(result), Paging.Page, next, cancellationToken);
                    DeadRow[] rows = [.. page.Entries.Select(x => new DeadRow(x, result.GetValue(unmask)))];
                    output.List(DeadRow.Exported, rows);
                    count += rows.Length;
                    masked += rows.Count(x => x.IsMasked);
                    next = page.Next;
                }
                while (next is not null);
                session.Messages.Info($"{count} dead letters of '{name}'.");
                if (masked > 0)
                {
                    session.Messages.Warning($"{masked} of them hold headers that look like secrets. Those are masked and their records "
                        + "left out, so that 'dead import' cannot put these letters back: --unmask writes all.");
                }

                return ExitCode.Done;
            });
    }

    public static Verb CreateImport(ToolConsole console)
    {
        var queue = QueueNames.DeadArgument(console);
        var file = new Argument<string>("file") { Description = "What 'dead export' has written; - for the standard input" };
        var from = new Option<long>("--from") { Description = "The line to begin with. Default: 1", DefaultValueFactory = _ => 1 };
        var any = new Option<bool>("--any-queue")
        {
            Description = "Takes letters of other queues, too: a replay moves them to the queue of this one",
        };
        return new Verb(console, "import", "Puts exported dead letters back, byte by byte, each to its place: of this server or of another "
            + "one. What lies there already is passed over.",
            "dead import orders letters.ndjson --dry-run", "dead import orders letters.ndjson --yes --expect 1200")
            .With([queue, file, from, any, Acting.Reason, .. Confirmation.All])
            .Does(async (result, session, cancellationToken) =>
            {
                var name = await DeadQueue.RequireAsync(session, result.GetValue(queue)!, cancellationToken);
                await using var letters = await LetterFile.OpenAsync(console, result.GetValue(file)!, cancellationToken);
                var import = new LetterImport(session, name, result.GetValue(file)!, letters, result.GetValue(any));
                var danger = await import.LookThroughAsync(result.GetValue(from), cancellationToken);
                if (danger.Count == 0)
                {
                    session.Messages.Info("There is no letter in it.");
                    return ExitCode.Done;
                }

                return await Confirmation.AskAsync(session, result, danger, cancellationToken)
                    ? await import.RunAsync(result, result.GetValue(from), danger.Count, cancellationToken) : ExitCode.Done;
            });
    }
}
