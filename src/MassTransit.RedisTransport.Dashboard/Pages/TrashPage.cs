using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The dead-letter queues of which something lies in the trash.</summary>
/// <param name="queues">Their names and what lies there; <c>null</c>: the user does not see all of it, so that it is not counted.</param>
/// <param name="isComplete">False if there are more queues than were looked at.</param>
internal sealed class TrashPage(IReadOnlyList<(string Queue, RedisTrashPage? Trash)> queues, bool isComplete) : Page
{
    public override string Title => "Trash";

    public override Section Section => Section.Trash;

    public override object Data => new
    {
        Queues = queues.Select(x => new { x.Queue, x.Trash?.Total, x.Trash?.Bytes }),
        IsComplete = isComplete,
    };

    public override void Write(Html html, OpsRequest request)
    {
        html.Write($"<p>Dead letters that were purged or edited stay here for 24 hours, up to 100,000 of a queue.</p>\n");
        if (!isComplete)
            html.Write($"<p>There are more dead-letter queues than were looked at: the pages of the others are reached by theirs.</p>\n");
        if (queues.Count == 0)
        {
            html.Write($"""<p class="empty">Nothing lies in the trash.</p>""");
            return;
        }

        Tables.Begin(html, "Trash", "Dead-letter queue", "#Dead letters", "#Size");
        foreach (var (queue, trash) in queues)
        {
            html.Write($"""
                <tr><th scope="row"><a href="{request.Links.TrashOf(queue)}">{queue}</a></th>
                <td class="n">{(trash is null ? "–" : Formats.Count(trash.Total))}</td>
                <td class="n">{(trash is null ? "–" : Formats.Bytes(trash.Bytes))}</td></tr>
                """);
        }

        Tables.End(html);
    }
}
