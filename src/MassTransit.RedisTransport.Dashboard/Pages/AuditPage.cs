using System.Globalization;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>Who did what, the newest first.</summary>
internal sealed class AuditPage(RedisAuditPage audit, string? queue) : Page
{
    public const int Size = 100;

    public override string Title => "Audit";

    public override Section Section => Section.Audit;

    public override object Data => new { audit.Next, audit.Entries };

    public override void Write(Html html, OpsRequest request)
    {
        var links = request.Links;
        html.Write($"""
            <form class="filter" method="get" action="{links.Audit}">
            <label>Queue <input name="queue" value="{new ExactText(queue)}" maxlength="255" autocomplete="off"></label>
            <button>Filter</button>
            </form>
            """);
        if (audit.Entries.Count == 0)
        {
            html.Write($"""<p class="empty">There is no entry{(queue is null ? " yet" : " of this queue")}.</p>""");
        }
        else
        {
            Tables.Begin(html, "Audit", "When", "Who", "Action", "Queue", "Selection", "#Count", "Outcome", "Reason");
            foreach (var entry in audit.Entries)
            {
                html.Write($"""
                    <tr><td>{Formats.When(entry.At, request.Now)}</td>
                    <th scope="row">{entry.User}{(entry.IsProven ? "" : " (not proven)")}<p class="sub">{entry.Address}</p></th>
                    <td>{entry.Action}</td>
                    <td>{entry.Queue ?? "–"}</td>
                    <td>{entry.Selection ?? "–"}</td>
                    <td class="n">{(entry.Count is { } count ? Formats.Count(count) : "–")}</td>
                    <td>{Outcome(entry.Outcome)}</td>
                    <td>{entry.Reason ?? "–"}</td></tr>
                    """);
            }

            Tables.End(html);
        }

        if (audit.Next is not null)
        {
            var older = links.At("audit", ("queue", queue), ("before", audit.Next));
            html.Write($"""<p class="pages"><a rel="next" href="{older}">Older</a></p>""");
        }
    }

    static Fragment Outcome(RedisAuditOutcome outcome) => html =>
    {
        var color = outcome is RedisAuditOutcome.Done ? "good" : outcome is RedisAuditOutcome.Denied or RedisAuditOutcome.Failed ? "bad"
            : "warn";
        html.Write($"""<span class="{color}">{outcome.ToString().ToLower(CultureInfo.InvariantCulture)}</span>""");
    };
}
