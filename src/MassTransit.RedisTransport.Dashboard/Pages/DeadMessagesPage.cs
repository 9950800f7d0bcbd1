using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The dead letters of a queue that a filter selects, page by page. Bodies are not shown here.</summary>
internal sealed class DeadMessagesPage(string queue, LetterQuery query, string? after, RedisDeadLetterPage letters) : Page
{
    public const int Size = 50;

    public override string Title => $"Dead letters of {queue}";

    public override Section Section => Section.Dead;

    public override object Data => new { Queue = queue, letters.Next, Entries = letters.Entries.Select(LetterData.Head) };

    public override void Write(Html html, OpsRequest request)
    {
        var links = request.Links;
        html.Write($"""<p><a href="{links.DeadQueue(queue)}">By failure</a> · <a href="{links.TrashOf(queue)}">Trash</a></p>""");
        WriteFilter(html, links);
        if (letters.Entries.Count == 0)
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

        html.Write($"""<p class="pages">""");
        if (after is not null)
            html.Write($"""<a href="{links.DeadMessages(queue, query.Pairs)}">From the beginning</a> """);
        if (letters.Next is not null)
            html.Write($"""<a rel="next" href="{links.DeadMessages(queue, [.. query.Pairs, ("after", letters.Next)])}">Next</a>""");
        html.Write($"</p>\n");
    }

    string Nothing() => letters.Next is not null ? "None of those that were looked at matches: continue with Next."
        : query.IsAll ? "There are no dead letters here." : "No dead letter matches.";

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
        if (choose)
            Tables.Begin(html, "Dead letters", "Select", "Dead since", "Failure", "Type", "#Attempts", "#Replays");
        else
            Tables.Begin(html, "Dead letters", "Dead since", "Failure", "Type", "#Attempts", "#Replays");
        foreach (var letter in letters.Entries)
        {
            html.Write($"<tr>");
            if (choose)
                html.Write($"<td>{Letters.Checkbox(letter)}</td>");

            html.Write($"""
                <td>{Formats.When(letter.DeadSince, request.Now)}</td>
                <th scope="row"><a href="{request.Links.DeadLetter(queue, letter.Key)}">{Letters.TitleOf(letter)}</a>
                <p class="sub">{VisibleText.Head(letter.FaultMessage, 200)}</p></th>
                <td>{Letters.TypeOf(letter)}</td>
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
