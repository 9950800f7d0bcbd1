using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Pages;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>What is told about dead letters before they are replayed or purged.</summary>
internal sealed class QuestionOfLetters(OpsRequest request, string queue, bool isPurge, Choice choice, Meant meant,
    RedisSelectionPreview preview)
{
    /// <summary>From here on a purge asks for the queue's name.</summary>
    const int Many = 100;

    /// <summary>Where they would go back to, as far as the samples tell.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Those of the targets that are paused.</summary>
    public required IReadOnlyList<string> Paused { get; init; }

    string Verb => isPurge ? "Purge" : "Replay";

    public static bool NeedsName(RedisSelectionPreview preview) => preview.Count > Many || !preview.IsCountExact;

    public Confirmation Ask()
    {
        var tool = $"dead {(isPurge ? "purge" : "replay")}";
        return new Confirmation
        {
            Title = $"{Verb} dead letters",
            Section = Section.Dead,
            Sentences = [.. Matches(), isPurge ? Purged() : Replayed(), .. Pause()],
            Figures = new
            {
                preview.Count,
                preview.IsCountExact,
                preview.Looked,
                preview.Queued,
                preview.Oldest,
                preview.Newest,
                preview.Restorable,
                preview.Running,
                Paused,
            },
            Samples = [.. preview.Samples.Select(x => $"{Letters.TitleOf(x)}: {VisibleText.Head(x.FaultMessage, 120)}")],
            Button = Verb,
            IsDangerous = isPurge,
            Obstacle = Running(),
            TypedName = isPurge && NeedsName(preview) ? queue : null,
            Target = request.Links.DeadAct(queue, isPurge ? "purge" : "replay"),
            Cancel = request.Links.DeadMessages(queue, choice.Query.Pairs),
            Fields = choice.Fields,
            Inputs = isPurge || choice.IsSelected ? null : ReplayInputs.Write,
            Command = choice.IsSelected ? ToolLine.Of(tool, queue, meant.Selection.Keys!)
                : meant.Seen == Seen.Whole ? ToolLine.Of(tool, queue, choice.Query) : null,
        };
    }

    IEnumerable<string> Matches()
    {
        var oldest = preview.Oldest is { } first ? Formats.Time(first) : null;
        var newest = preview.Newest is { } last ? Formats.Time(last) : oldest;
        var dead = oldest is null ? "" : $", dead since {oldest}{(newest == oldest ? "" : $" to {newest}")}";
        yield return $"{Formats.Plural(preview.Count, "dead letter", "dead letters")} of {queue} ({choice.Describe()}) "
            + $"{(preview.Count == 1 ? "matches" : "match")} now{dead}. New ones are not included.";
        if (!preview.IsCountExact)
        {
            yield return $"{Formats.Count(preview.Looked)} of {Formats.Count(preview.Queued)} were looked at for that: there may be more "
                + "matches.";
        }

        if (meant.Seen == Seen.Part)
            yield return "You do not see all dead letters of this queue. Only those that you see are included.";
        else if (meant.Seen == Seen.FirstOfPart)
            yield return $"You do not see all dead letters of this queue. Only the first {Formats.Count(preview.Count)} that you see are "
                + "included: do it again for the rest.";
    }

    string Purged() => preview.Restorable >= preview.Count && preview.IsCountExact
        ? "They would lie in the trash for 24 hours, from where they can be restored."
        : preview.Restorable == 0
            ? "They would be deleted for good: the trash is full, or the server uses more than 80 % of its memory."
            : $"The trash has room for {Formats.Count(preview.Restorable)} of them, for 24 hours. The others would be deleted for good.";

    string Replayed() => $"They would go back to {Names(Targets)}, behind the messages that wait there, as if they had never failed.";

    IEnumerable<string> Pause()
    {
        if (Paused.Count == 0 || isPurge)
            yield break;
        yield return $"{Names(Paused)} is paused: "
            + (choice.IsSelected ? "they would wait there until it is resumed." : "the operation would wait until it is resumed.");
    }

    /// <summary>There is one operation on a queue at a time.</summary>
    Fragment? Running() => choice.IsSelected || preview.Running is not { } running ? null : html => html.Write($"""
        Operation <a href="{request.Links.Operation(running)}">{running}</a> on this queue has not ended. Wait for it, or cancel it: there
        is one at a time.
        """);

    static string Names(IReadOnlyList<string> names) => names.Count == 0 ? "the queue that each names" : string.Join(", ", names);
}
