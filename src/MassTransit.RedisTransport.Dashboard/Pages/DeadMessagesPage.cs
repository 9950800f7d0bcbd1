using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Payloads;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The dead letters of a queue that a filter selects, page by page. Bodies are not shown here.</summary>
/// <param name="queue">The dead-letter queue.</param>
/// <param name="query">Which of them.</param>
/// <param name="after">Behind which place this page begins.</param>
/// <param name="page">This page of them.</param>
/// <param name="letters">The letters of the page.</param>
/// <param name="facets">Which values the first of them have; <c>null</c>: nobody knows such messages.</param>
internal sealed class DeadMessagesPage(string queue, LetterQuery query, string? after, RedisDeadLetterPage page,
    IReadOnlyList<Described> letters, FacetCounts? facets) : Page
{
    public const int Size = 50;

    public override string Title => $"Dead letters of {queue}";

    public override Section Section => Section.Dead;

    public override object Data => new
    {
        Queue = queue,
        page.Next,
        page.Looked,
        page.Queued,
        Entries = letters.Select(x => LetterData.Head(x.Letter)),
        Values = letters.Any(x => x.Description is not null) ? letters.Select(x => x.Description?.Values) : null,
        Facets = Facets.DataOf(facets),
    };

    public override void Write(Html html, OpsRequest request)
    {
        var links = request.Links;
        html.Write($"""<p><a href="{links.DeadQueue(queue)}">By failure</a> · <a href="{links.TrashOf(queue)}">Trash</a></p>""");
        WriteFilter(html, links);
        Facets.Write(html, links, queue, query, facets);
        if (letters.Count == 0)
        {
            html.Write($"""<p class="empty">{Nothing()}</p>""");
        }
        else
        {
            html.Write($"""<form method="get" action="{links.DeadAct(queue, "replay")}" id="letters">""");
            Tables.Hidden(html, query.Pairs);
            WriteLetters(html, request);
            WriteActs(html, request);
            html.Write($"</form>\n");
        }

        WritePages(html, links, request.Viewer.SeesWhole(queue));
        if (request.Viewer.Can(Right.ViewPayload))
        {
            html.Write($"""
                <p class="acts"><a class="button" href="{links.DeadAct(queue, "export", query.Pairs)}" download>Export as NDJSON</a></p>
                """);
        }

        Tables.Command(html, ToolLine.Of("dead list", queue, query));
    }

    string Nothing() => page.Next is not null ? "None of those that were looked at matches."
        : query.IsAll ? "There are no dead letters here." : "No dead letter matches.";

    /// <summary>A filter looks at a part at a time. If there is nothing in it, the script goes on by itself.</summary>
    void WritePages(Html html, Links links, bool seesWhole)
    {
        html.Write($"""<p class="pages">""");
        if (!query.IsAll && seesWhole)
            html.Write($"{Formats.Count(Math.Min(page.Looked, page.Queued))} of {Formats.Count(page.Queued)} looked at. ");
        if (after is not null)
            html.Write($"""<a href="{links.DeadMessages(queue, query.Pairs)}">From the beginning</a> """);
        if (page.Next is { } next)
        {
            var isEmpty = letters.Count == 0;
            html.Write($"""
                <a rel="next" href="{links.DeadMessages(queue, [.. query.Pairs, ("after", next)])}"{new Flag("data-continue", isEmpty)}>
                {(isEmpty ? "Continue" : "Next")}</a>
                """);
            if (isEmpty)
                html.Write($"""<button type="button" data-stop hidden>Stop</button>""");
        }

        html.Write($"</p>\n");
    }

    void WriteFilter(Html html, Links links)
    {
        html.Write($"""
            <form class="filter" method="get" action="{links.DeadMessages(queue)}">
            <label>Exception <input name="exception" value="{new ExactText(query.Exception)}" maxlength="200"></label>
            <label>Message contains <input name="message" value="{new ExactText(query.Message)}" maxlength="200"></label>
            <label>Type <input name="type" value="{new ExactText(query.Type)}" maxlength="200"></label>
            <label>Older than <input name="older" value="{new ExactText(query.Older)}" size="6" maxlength="20" placeholder="2h"></label>
            <label>Younger than <input name="younger" value="{new ExactText(query.Younger)}" size="6" maxlength="20"
            placeholder="15m"></label>
            {Properties()}
            <label>Text anywhere <input name="text" value="{new ExactText(query.Text)}" maxlength="200"></label>
            <label>Header <input name="header" value="{new ExactText(query.Header)}" maxlength="400" placeholder="name=value"></label>
            {Group()}<button>Filter</button>
            </form>
            """);
    }

    /// <summary>One input for each property that is asked for, and one more.</summary>
    Fragment Properties() => html =>
    {
        foreach (var property in query.Properties.Append(null))
        {
            html.Write($"""
                <label>Property <input name="property" value="{new ExactText(property)}" maxlength="400"
                placeholder="receiver=github"></label>
                """);
        }
    };

    Fragment? Group() => query.Group is not { } group ? null : html =>
        html.Write($"""<label>Failure <input name="group" value="{new ExactText(group)}" maxlength="20"></label>""");

    void WriteLetters(Html html, OpsRequest request)
    {
        var choose = CanAct(request);
        var known = FacetCounts.FacetsOf(letters);
        Tables.Begin(html, "Dead letters",
        [
            .. choose ? ["Select"] : Array.Empty<string>(), "Dead since", "Failure", "Type", .. known.Select(x => x.Title), "#Attempts",
            "#Replays",
        ]);
        foreach (var described in letters)
        {
            var letter = described.Letter;
            html.Write($"<tr>");
            if (choose)
                html.Write($"<td>{Letters.Checkbox(letter)}</td>");
            html.Write($"""
                <td>{Formats.When(letter.DeadSince, request.Now)}</td>
                <th scope="row"><a href="{request.Links.DeadLetter(queue, letter.Key)}">{Letters.TitleOf(letter)}</a>
                <p class="sub">{VisibleText.Head(letter.FaultMessage, 200)}</p></th>
                <td>{Letters.TypeOf(letter)}</td>
                """);
            foreach (var facet in known)
                html.Write($"<td>{VisibleText.Head(described.ValueOf(facet), 100) ?? "–"}</td>");
            html.Write($"""
                <td class="n">{Letters.AttemptsOf(letter)}</td>
                <td class="n">{letter.ReplayCount}</td></tr>
                """);
        }

        Tables.End(html);
    }

    void WriteActs(Html html, OpsRequest request)
    {
        var links = request.Links;
        var all = query.IsAll ? "all" : "all that match";
        html.Write($"""<p class="acts">""");
        if (CanAct(request))
            html.Write($"""<label id="all" hidden><input type="checkbox" data-all> Select the page</label> """);
        if (request.Viewer.Can(Right.Operate))
        {
            html.Write($"""
                <button name="what" value="selected">Replay selected…</button>
                <button name="what" value="matching">Replay {all}…</button>
                """);
        }

        if (request.Viewer.Can(Right.Destroy))
        {
            html.Write($"""
                <button class="danger" name="what" value="selected" formaction="{links.DeadAct(queue, "purge")}">Purge selected…</button>
                <button class="danger" name="what" value="matching" formaction="{links.DeadAct(queue, "purge")}">Purge {all}…</button>
                """);
        }

        html.Write($"</p>\n");
    }

    static bool CanAct(OpsRequest request) => request.Viewer.Can(Right.Operate) || request.Viewer.Can(Right.Destroy);
}
