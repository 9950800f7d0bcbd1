using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>What operators have set for a queue, and the forms to change it.</summary>
internal static class ControlCard
{
    public static void Write(Html html, OpsRequest request, RedisQueueControl control, RedisPauseProgress? pause)
    {
        html.Write($"""<section class="card" aria-labelledby="control"><h2 id="control">Control</h2>""");
        WriteState(html, request, control, pause);
        html.Write($"""
            <dl class="facts">
            <div><dt>In work at most, all processes</dt><dd>{Number(control.Limit, "any number")}</dd></div>
            <div><dt>Begin per second at most</dt><dd>{Number(control.Rate, "any number")}</dd></div>
            <div><dt>Workers of each process</dt><dd>{Number(control.Workers, "as the code says")}</dd></div>
            </dl>
            """);
        if (control.ChangedAt is { } changed)
        {
            html.Write($"""
                <p class="sub">Last changed by {control.ChangedBy} at {Formats.When(changed, request.Now)},
                control {Formats.Count(control.Version)}</p>
                """);
        }

        if (request.Viewer.Can(Right.Operate))
            WriteForms(html, request.Links, control);
        html.Write($"</section>\n");
    }

    static void WriteState(Html html, OpsRequest request, RedisQueueControl control, RedisPauseProgress? pause)
    {
        if (!control.IsPaused)
        {
            html.Write($"""<p class="state good">Running</p>""");
            return;
        }

        html.Write($"""
            <p class="state warn">{(pause is null || pause.Done ? "Paused" : "Pausing")} by {control.PausedBy},
            since {Formats.When(control.PausedAt, request.Now)}</p>
            <p>{(control.Reason is { Length: > 0 } reason ? reason : "No reason was given.")}</p>
            """);
        if (control.PausedUntil is { } until)
            html.Write($"""<p>It ends by itself at {Formats.When(until, request.Now)}.</p>""");
        if (pause is { Done: true })
            html.Write($"<p>Nothing of it is at work anywhere.</p>\n");
        else if (pause is not null)
            WriteProgress(html, pause);
    }

    static void WriteProgress(Html html, RedisPauseProgress pause)
    {
        html.Write($"""
            <p>Obeyed by {pause.Obeying} of {Formats.Plural(pause.Receivers, "receiver", "receivers")};
            {Formats.Plural(pause.Leased, "message that had begun has", "messages that had begun have")} not ended.</p>
            """);
        if (pause.NotObeying.Count == 0)
            return;
        html.Write($"""<p class="bad">Not obeyed by:</p><ul>""");
        foreach (var name in pause.NotObeying.Take(20))
            html.Write($"<li>{VisibleText.Head(name, 200)}</li>\n");
        html.Write($"</ul>\n");
    }

    static void WriteForms(Html html, Links links, RedisQueueControl control)
    {
        var queue = control.Queue;
        html.Write($"""
            <details><summary>Change it</summary>
            <form class="filter" method="post" action="{links.QueueAct(queue, "pause")}">
            <label>Reason <input name="reason" maxlength="{RedisAuditEntry.MaxReason}" size="40"></label>
            <label>Ends after <input name="for" maxlength="20" size="6" placeholder="30m"></label>
            <button>{(control.IsPaused ? "Pause anew" : "Pause")}</button>
            </form>
            <p class="sub">Within a second nothing new begins in any process. What has begun ends; what was fetched goes back to its place.
            Sends are accepted and wait. Due times and times to live go on. It lasts over restarts, until it is resumed or its time is
            over.</p>
            """);
        if (control.IsPaused)
        {
            html.Write($"""
                <form class="filter" method="post" action="{links.QueueAct(queue, "resume")}">
                <label>Reason for resuming <input name="reason" maxlength="{RedisAuditEntry.MaxReason}" size="40"></label>
                <button>Resume</button>
                </form>
                """);
        }

        Form(html, links.QueueAct(queue, "limit"), "In work at most", control.Limit, "Set the limit");
        Form(html, links.QueueAct(queue, "rate"), "Begin per second at most", control.Rate, "Set the rate");
        Form(html, links.QueueAct(queue, "workers"), "Workers of each process", control.Workers, "Set the workers");
        html.Write($"""
            <form class="filter" method="post" action="{links.QueueAct(queue, "reset")}">
            <button>Back to what the code says</button>
            </form>
            </details>
            """);
    }

    static void Form(Html html, Link action, string label, int? value, string button)
    {
        var now = value is { } number ? number.ToString(System.Globalization.CultureInfo.InvariantCulture) : "";
        html.Write($"""
            <form class="filter" method="post" action="{action}">
            <label>{label} <input name="value" inputmode="numeric" size="9" maxlength="7" value="{new ExactText(now)}"
            placeholder="none"></label>
            <button>{button}</button>
            </form>
            """);
    }

    static string Number(int? value, string none) => value is { } number ? Formats.Count(number) : none;
}
