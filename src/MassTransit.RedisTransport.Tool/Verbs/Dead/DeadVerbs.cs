using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary><c>mtq dead …</c>: what has failed for good.</summary>
static class DeadVerbs
{
    public static Command Create(ToolConsole console) => new Verb(console, "dead", "Lists, shows, edits, replays and purges dead letters.")
        .With(DeadGroupsVerb.Create(console), List(console), Show(console), DeadOperations.Replay(console), DeadOperations.Purge(console),
            DeadEditVerb.Create(console), DeadGroupsVerb.CreateNote(console), DeadFileVerbs.CreateExport(console),
            DeadFileVerbs.CreateImport(console), DeadSendVerb.Create(console));

    static Verb List(ToolConsole console)
    {
        var queue = QueueNames.DeadArgument(console);
        var filter = new DeadFilter();
        var limit = Paging.LimitOrAll(50);
        var after = new Option<string?>("--after") { Description = "Goes on behind this cursor of a list before", HelpName = "cursor" };
        return new Verb(console, "list", "Lists dead letters, the most urgent first, then the oldest.",
            "dead list orders", "dead list orders --exception TimeoutException --younger 1h",
            "dead list orders --receiver github -n 0 -o ndjson")
            .With([queue, .. filter.Options, limit, after])
            .Does(async (result, session, cancellationToken) =>
            {
                var name = await DeadQueue.FindAsync(session, result.GetValue(queue)!, cancellationToken);
                var wanted = Paging.ReadOrAll(result, limit);
                var rows = new List<DeadRow>();
                var next = result.GetValue(after);
                do
                {
                    var page = await session.DeadLetters.ListAsync(name, filter.Read(result), Math.Min(Paging.Page, wanted - rows.Count),
                        next, cancellationToken);
                    rows.AddRange(page.Entries.Select(x => new DeadRow(x)));
                    next = page.Next;
                    // A long list flows while it is read, where its form allows it.
                    if (session.Output.Format == OutputFormat.Ndjson)
                    {
                        wanted = wanted == int.MaxValue ? wanted : wanted - rows.Count;
                        session.Output.List(DeadRow.Shape, rows);
                        rows.Clear();
                    }
                }
                while (next is not null && rows.Count < wanted && wanted > 0);
                if (session.Output.Format != OutputFormat.Ndjson)
                    session.Output.List(DeadRow.Shape, rows);
                if (rows.Count == 0 && session.Output.Format == OutputFormat.Table)
                    session.Messages.Info($"No such dead letter lies in '{name}'.");
                if (next is not null)
                    session.Messages.Info($"There is more: --after {next}");
                return ExitCode.Done;
            });
    }

    static Verb Show(ToolConsole console)
    {
        var one = new OneLetter(console);
        var raw = new Option<bool>("--raw") { Description = "Only the body, byte for byte" };
        var unmask = new Option<bool>("--unmask") { Description = "Shows headers that look like secrets" };
        return new Verb(console, "show", "Shows one dead letter: headers, exception, stack, body.",
            "dead show orders 000a1b2c3d4e5f60000000", "dead show orders 000a1b2c3d4e5f60000000 --raw > body.json")
            .With([.. one.All, raw, unmask])
            .Does(async (result, session, cancellationToken) =>
            {
                var letter = await one.ReadAsync(session, result, cancellationToken);
                await session.Redis.Audit.RecordAsync(
                    Acting.Entry(session, result, RedisAuditActions.ViewPayload, letter.Queue, letter.Key, 1), cancellationToken);
                var row = new DeadRow(letter, result.GetValue(unmask));
                if (!result.GetValue(raw))
                    session.Output.One(DeadRow.Whole, row);
                else if (session.Console.IsOutTerminal)
                    session.Output.Text(VisibleText.Lines(System.Text.Encoding.UTF8.GetString(row.Bytes.Span)));
                else
                    session.Output.Bytes(row.Bytes.Span);
                return ExitCode.Done;
            });
    }
}
