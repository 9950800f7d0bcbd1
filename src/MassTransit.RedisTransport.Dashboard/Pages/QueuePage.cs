using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>One queue: its figures, its dead-letter queues, what can be done with it.</summary>
internal sealed class QueuePage(RedisQueueInfo queue, RedisQueueControl control, RedisPauseProgress? pause,
    IReadOnlyList<RedisQueueInfo> dead, IReadOnlyList<RedisReceiver> receivers, IReadOnlyList<RedisQueueMinute> history) : Page
{
    /// <summary>How far back the graph goes.</summary>
    public static readonly TimeSpan Back = TimeSpan.FromHours(24);

    public override string Title => queue.Name;

    public override Section Section => queue.IsDeadLetterQueue ? Section.Dead : Section.Queues;

    public override IReadOnlyList<string> LiveQueues => [queue.Name];

    public override object Data => new
    {
        Queue = queue,
        Control = control,
        Pause = pause,
        DeadLetterQueues = dead,
        Receivers = receivers,
        History = history,
    };

    public override void Write(Html html, OpsRequest request)
    {
        var links = request.Links;
        html.Write($"""<dl class="figures">""");
        Figure(html, "Ready", "ready", queue.Ready, links.Messages(queue.Name, "ready"));
        Figure(html, "Delayed", "delayed", queue.Delayed, links.Messages(queue.Name, "delayed"));
        Figure(html, "In work", "leased", queue.Leased, links.Messages(queue.Name, "leased"));
        Figure(html, "Dead letters", "dead", queue.DeadLetters, null);
        html.Write($"""<div><dt>State</dt><dd class="warn">{Tables.Live(queue.Name, "paused", LiveFigures.PausedOf(queue))}</dd></div>""");
        html.Write($"""<div><dt>Oldest waits for</dt><dd>{(queue.Ready == 0 ? "–" : Formats.Duration(queue.OldestAge))}</dd></div>""");
        Figure(html, "Sent", "sent", queue.Sent, null);
        Figure(html, "Completed", "completed", queue.Completed, null);
        Figure(html, "Moved out", "moved", queue.Moved, null);
        Figure(html, "Leases ended before their consumers", "reclaimed", queue.Reclaimed, null);
        html.Write($"</dl>\n");

        if (!queue.IsDeadLetterQueue)
            ControlCard.Write(html, request, control, pause);
        if (dead.Count > 0)
        {
            html.Write($"<h2>Dead letters</h2>\n<ul>\n");
            foreach (var letters in dead)
            {
                html.Write($"""
                    <li><a href="{links.DeadQueue(letters.Name)}">{letters.Name}</a>:
                    {Formats.Count(letters.Ready + letters.Delayed + letters.Leased)}</li>
                    """);
            }

            html.Write($"</ul>\n");
        }

        html.Write($"<h2>The last 24 hours</h2>\n");
        Graph.Write(html, history, Back, queue.ReadAt);
        html.Write($"<h2>Receivers</h2>\n");
        if (receivers.Count == 0)
            html.Write($"""<p class="empty">No process receives from it.</p>""");
        else
            Receivers.Write(html, request, receivers, withQueue: false);

        if (!request.Viewer.Can(Right.Destroy))
            return;
        html.Write($"""
            <h2>Remove</h2>
            <p class="acts"><a class="button danger" href="{links.QueueAct(queue.Name, "purge")}">Purge…</a>
            <a class="button danger" href="{links.QueueAct(queue.Name, "delete")}">Delete the queue…</a></p>
            """);
    }

    void Figure(Html html, string name, string figure, long value, Link? link)
    {
        html.Write($"""<div><dt>{name}</dt><dd>{Tables.Live(queue.Name, figure, value)}""");
        if (link is { } messages)
            html.Write($""" <a href="{messages}">list<span class="hidden"> {name} messages</span></a>""");
        html.Write($"</dd></div>\n");
    }
}
