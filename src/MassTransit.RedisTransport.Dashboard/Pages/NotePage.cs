using System.Globalization;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The note on a failure, to be written or removed.</summary>
internal sealed class NotePage(string queue, RedisFailureGroup group) : Page
{
    public override string Title => $"Note on {VisibleText.Head(group.Title, 200)}";

    public override Section Section => Section.Dead;

    public override object Data => new { Queue = queue, Group = group };

    public override void Write(Html html, OpsRequest request)
    {
        var note = group.Note;
        var until = note?.Until?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);
        html.Write($"""
            <p><a href="{request.Links.DeadQueue(queue)}">{queue}</a>, {Formats.Plural(group.Count, "dead letter", "dead letters")}.</p>
            <form class="confirm" method="post" action="{request.Links.Note(queue, group.Id)}">
            <p><label>Note <input name="text" size="60" maxlength="{RedisFailureNote.MaxLength}" value="{new ExactText(note?.Text)}"
            placeholder="known, PAY-123, on it"></label></p>
            <p><label>Link <input name="link" type="url" size="60" maxlength="{RedisFailureNote.MaxLength}"
            value="{new ExactText(note?.Link)}" placeholder="https://…"></label></p>
            <p><label>Until (UTC) <input name="until" type="datetime-local" value="{new ExactText(until)}"></label></p>
            <p class="acts"><button class="primary">Save</button>
            <a class="button" href="{request.Links.DeadQueue(queue)}">Cancel</a></p>
            </form>
            <p class="sub">Everybody sees it who sees the failure. Without a text it is removed, and it goes with the last dead letter.</p>
            """);
        if (note?.By is { } by)
            html.Write($"""<p class="sub">Written by {by}, {Formats.When(note.At, request.Now)}</p>""");
    }
}
