using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>All queues, 50 at a time. Dead-letter queues are folded into theirs.</summary>
internal sealed class QueuesPage(IReadOnlyList<RedisQueueInfo> queues, QueueHistory history, int total, string? name, string? state,
    int page) : Page
{
    public const int Size = 50;

    public override string Title => "Queues";

    public override Section Section => Section.Queues;

    public override IReadOnlyList<string> LiveQueues => [.. queues.Select(x => x.Name)];

    public override object Data => new { Total = total, Page = page, Queues = queues };

    public override void Write(Html html, OpsRequest request)
    {
        var links = request.Links;
        html.Write($"""
            <form class="filter" method="get" action="{links.Queues}">
            <label>Name contains <input name="name" value="{new ExactText(name)}" maxlength="255" autocomplete="off"></label>
            <label>State <select name="state">
            """);
        Tables.Option(html, "", "any", state);
        foreach (var (value, text, _) in QueueStates.All)
            Tables.Option(html, value, text, state);
        html.Write($"""
            </select></label>
            <button>Filter</button>
            </form>
            """);

        if (queues.Count == 0)
        {
            html.Write($"""<p class="empty">{(name is null && state is null ? "There is no queue yet." : "No queue matches.")}</p>""");
            return;
        }

        Tables.Begin(html, "Queues", "Queue", "#Ready", "#Delayed", "#In work", "#Dead letters", "#Oldest", "#Receivers", "Last 30 min",
            "#In/min", "#Out/min");
        foreach (var queue in queues)
        {
            var minutes = history.Of(queue.Name);
            html.Write($"""
                <tr><th scope="row"><a href="{links.Queue(queue.Name)}">{queue.Name}</a>{State(queue)}</th>
                <td class="n">{Tables.Live(queue.Name, "ready", queue.Ready)}</td>
                <td class="n">{Tables.Live(queue.Name, "delayed", queue.Delayed)}</td>
                <td class="n">{Tables.Live(queue.Name, "leased", queue.Leased)}</td>
                <td class="n">{Tables.Live(queue.Name, "dead", queue.DeadLetters)}</td>
                <td class="n">{(queue.Ready == 0 ? "–" : Formats.Duration(queue.OldestAge))}</td>
                <td class="n">{queue.Receivers}</td>
                <td>{Graph.Spark(minutes, QueueHistory.Back, queue.ReadAt)}</td>
                <td class="n">{(minutes.Count == 0 ? "–" : Formats.Count(minutes[^1].Sent))}</td>
                <td class="n">{(minutes.Count == 0 ? "–" : Formats.Count(minutes[^1].Completed))}</td></tr>
                """);
        }

        Tables.End(html);
        html.Write($"""<p class="pages">{Formats.Plural(total, "queue", "queues")}""");
        if (page > 1)
            html.Write($""" · <a rel="prev" href="{links.QueueList(name, state, page - 1)}">Previous {Size}</a>""");
        if (page * Size < total)
            html.Write($""" · <a rel="next" href="{links.QueueList(name, state, page + 1)}">Next {Size}</a>""");
        html.Write($"</p>\n");
    }

    /// <summary>What an operator has set.</summary>
    static Fragment State(RedisQueueInfo queue) => html =>
    {
        html.Write($"""<p class="sub warn">{Tables.Live(queue.Name, "paused", LiveFigures.PausedOf(queue))}</p>""");
        if (queue.Limit is { } limit)
            html.Write($"""<p class="sub">limit {Formats.Count(limit)}</p>""");
    };
}
