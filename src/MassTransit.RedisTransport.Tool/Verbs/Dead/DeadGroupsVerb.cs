using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary><c>mtq dead groups</c>: what fails, counted exactly.</summary>
static class DeadGroupsVerb
{
    static readonly Shape<RedisFailureGroup> Shape = new(
        new("id", "ID", x => x.Id),
        new("count", "COUNT", x => x.Count),
        new("failedAgain", "AGAIN", x => x.FailedAgain),
        new("firstSeen", "FIRST", x => x.FirstSeen),
        new("lastSeen", "LAST", x => x.LastSeen),
        new("title", "TITLE", x => x.Title),
        new("sampleKey", "SAMPLE", x => x.SampleKey),
        new("note", "NOTE", x => x.Note?.Text),
        new("noteLink", null, x => x.Note?.Link),
        new("noteUntil", null, x => x.Note?.Until),
        new("noteBy", null, x => x.Note?.By),
        new("noteAt", null, x => x.Note?.At));

    public static Verb Create(ToolConsole console)
    {
        var queue = QueueNames.DeadArgument(console);
        var watch = Watching.Option();
        return new Verb(console, "groups", "Groups dead letters by what has failed, the largest first. The counts are exact.",
            "dead groups orders", "dead groups orders --watch 5s")
            .With(queue, watch)
            .Does((result, session, cancellationToken) => Watching.RunAsync(session, result.GetValue(watch), async () =>
            {
                var name = await DeadQueue.FindAsync(session, result.GetValue(queue)!, cancellationToken);
                var groups = await session.DeadLetters.ListGroupsAsync(name, cancellationToken);
                session.Output.List(Shape, groups.Entries);
                if (groups.NotGroupedYet > 0)
                    session.Messages.Info($"{groups.NotGroupedYet} of {groups.Total} are not grouped yet: they are from before an update.");
                else if (groups.Entries.Count == 0)
                    session.Messages.Info($"No dead letter lies in '{name}'.");
            }, cancellationToken));
    }

    public static Verb CreateNote(ToolConsole console)
    {
        var queue = QueueNames.DeadArgument(console);
        var group = new Argument<string>("group") { Description = "The group's id, as 'dead groups' shows it" };
        var text = new Argument<string?>("text") { Description = "The note; none removes it", Arity = ArgumentArity.ZeroOrOne };
        var link = new Option<string?>("--link") { Description = "Where more is told", HelpName = "url" };
        var until = new Option<string?>("--until") { Description = "For how long it holds: 2h", HelpName = "duration" };
        return new Verb(console, "note", "Writes a note on a failure group, which everybody sees: known, and who is on it.",
            "dead note orders 0123456789abcdef 'known, PAY-123' --link https://tracker.example/PAY-123 --until 8h")
            .With(queue, group, text, link, until)
            .Does(async (result, session, cancellationToken) =>
            {
                var name = await DeadQueue.FindAsync(session, result.GetValue(queue)!, cancellationToken);
                var id = result.GetValue(group)!;
                if ((await session.DeadLetters.ListGroupsAsync(name, cancellationToken)).Entries.All(x => x.Id != id))
                    throw ToolException.NotFound($"'{name}' has no failure group '{id}': 'mtq dead groups' names those there are.");
                var note = result.GetValue(text) is { } words
                    ? new RedisFailureNote(words)
                    {
                        Link = result.GetValue(link),
                        Until = result.GetValue(until) is { } time ? console.Time.GetUtcNow() + Durations.Parse(time) : null,
                    }
                    : null;
                await session.DeadLetters.SetNoteAsync(name, id, note, Acting.By(session, result),
                    cancellationToken);
                session.Output.One(Outcome.Shape, new Outcome(RedisAuditActions.Note, name, 1));
                return ExitCode.Done;
            });
    }
}
