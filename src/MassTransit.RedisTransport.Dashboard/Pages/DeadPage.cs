using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>All dead-letter queues.</summary>
internal sealed class DeadPage(IReadOnlyList<RedisQueueInfo> queues) : Page
{
    public override string Title => "Dead letters";

    public override Section Section => Section.Dead;

    public override object Data => new { Queues = queues };

    public override void Write(Html html, OpsRequest request)
    {
        if (queues.Count == 0)
        {
            html.Write($"""<p class="empty">There are no dead letters, and never were.</p>""");
            return;
        }

        Tables.Begin(html, "Dead-letter queues", "Queue", "#Dead letters", "#Ever moved here", "#Moved back", "#Purged");
        foreach (var queue in queues)
        {
            html.Write($"""
                <tr><th scope="row"><a href="{request.Links.DeadQueue(queue.Name)}">{queue.Name}</a></th>
                <td class="n">{Formats.Count(queue.Ready + queue.Delayed + queue.Leased)}</td>
                <td class="n">{Formats.Count(queue.Sent)}</td>
                <td class="n">{Formats.Count(queue.Moved)}</td>
                <td class="n">{Formats.Count(queue.Removed)}</td></tr>
                """);
        }

        Tables.End(html);
    }
}
