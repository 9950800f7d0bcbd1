using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The failures of a dead-letter queue: what failed in the same way is one row, with an exact count.</summary>
internal sealed class GroupsPage(string queue, RedisFailureGroups groups, FacetCounts? facets) : Page
{
    public override string Title => $"Failures of {queue}";

    public override Section Section => Section.Dead;

    public override object Data => new
    {
        Queue = queue,
        groups.Total,
        groups.NotGroupedYet,
        groups.IsExact,
        Groups = groups.Entries,
        Facets = Facets.DataOf(facets),
    };

    public override void Write(Html html, OpsRequest request)
    {
        var links = request.Links;
        html.Write($"""
            <p>{Formats.Plural(groups.Total, "dead letter", "dead letters")}. <a href="{links.DeadMessages(queue)}">All of them</a> ·
            <a href="{links.TrashOf(queue)}">Trash</a></p>
            """);
        if (groups.NotGroupedYet > 0)
            html.Write($"<p>{Formats.Count(groups.NotGroupedYet)} are not grouped yet; each view of this page groups some of them.</p>\n");
        if (!groups.IsExact)
            html.Write($"<p>A process of an older version uses the queue: counts may be too high for a while.</p>\n");
        if (groups.Entries.Count == 0)
        {
            html.Write($"""<p class="empty">There are no failures.</p>""");
            return;
        }

        Tables.Begin(html, "Failures", "Failure", "#Count", "First seen", "Last seen", "#Failed again", "Actions");
        foreach (var group in groups.Entries)
        {
            html.Write($"""
                <tr><th scope="row"><a href="{links.DeadMessages(queue, ("group", group.Id))}">{VisibleText.Head(group.Title, 200)}</a>
                {Note(group, request)}</th>
                <td class="n">{Formats.Count(group.Count)}</td>
                <td>{Formats.When(group.FirstSeen, request.Now)}</td>
                <td>{Formats.When(group.LastSeen, request.Now)}</td>
                <td class="n">{Formats.Count(group.FailedAgain)}</td>
                <td>{Actions(group, request)}</td></tr>
                """);
        }

        Tables.End(html);
        Facets.Write(html, links, queue, LetterQuery.All, facets);
        Tables.Command(html, ToolLine.Of("dead groups", queue, LetterQuery.All));
    }

    static Fragment? Note(RedisFailureGroup group, OpsRequest request) => group.Note is not { } note ? null : html =>
    {
        var isOver = note.Until < request.Now;
        html.Write($"""<p class="sub">{(isOver ? "(over) " : "")}{note.Text}{(note.By is { } by ? $" – {by}" : "")}""");
        // Whoever writes to Redis writes notes: what is no address of a page is a text.
        if (note.Link is { } text)
            html.Write($" {(Link.ToPage(text) is { } link ? Outside(link, "more") : Plain(text))}");
        html.Write($"</p>");
    };

    static Fragment Outside(Link link, string text) => html => html.Write($"""<a href="{link}" rel="noopener noreferrer">{text}</a>""");

    static Fragment Plain(string text) => html => html.Write($"{VisibleText.Head(text, 200)}");

    Fragment Actions(RedisFailureGroup group, OpsRequest request) => html =>
    {
        (string, string?)[] all = [("what", "matching"), ("group", group.Id)];
        var (replay, purge) = (request.Links.DeadAct(queue, "replay", all), request.Links.DeadAct(queue, "purge", all));
        if (request.Viewer.Can(Right.Operate))
        {
            html.Write($"""
                <a class="button" href="{replay}">Replay…<span class="hidden"> {group.Title}</span></a>
                <a class="button" href="{request.Links.Note(queue, group.Id)}">Note…<span class="hidden"> {group.Title}</span></a>
                """);
        }

        if (request.Viewer.Can(Right.Destroy))
            html.Write($"""<a class="button danger" href="{purge}">Purge…<span class="hidden"> {group.Title}</span></a>""");
    };
}
