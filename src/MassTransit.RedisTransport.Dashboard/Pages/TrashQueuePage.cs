using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>What lies in the trash of a dead-letter queue, the newest first, and the way back.</summary>
/// <param name="queue">The dead-letter queue.</param>
/// <param name="letters">Those of this page that the user sees.</param>
/// <param name="total">How many there are; <c>null</c> if the user does not see all.</param>
/// <param name="offset">How many are newer.</param>
/// <param name="next">Where the next page begins; <c>null</c>: there is none.</param>
internal sealed class TrashQueuePage(string queue, IReadOnlyList<RedisTrashedLetter> letters, long? total, int offset, int? next) : Page
{
    public const int Size = 50;
    public const int MaxOffset = 100_000;

    public override string Title => $"Trash of {queue}";

    public override Section Section => Section.Trash;

    public override object Data => new
    {
        Queue = queue,
        Total = total,
        Offset = offset,
        Next = next,
        Entries = letters.Select(x => new { x.DeletedAt, x.RestorableUntil, Letter = LetterData.Head(x.Letter) }),
    };

    public override void Write(Html html, OpsRequest request)
    {
        var links = request.Links;
        html.Write($"""<p><a href="{links.DeadQueue(queue)}">{queue}</a></p>""");
        if (total is { } count)
            html.Write($"<p>{Formats.Plural(count, "dead letter", "dead letters")}, the one deleted last first.</p>\n");
        if (letters.Count == 0)
        {
            html.Write($"""<p class="empty">{(offset == 0 ? "Nothing that you see lies in this trash." : "There is no more.")}</p>""");
        }
        else
        {
            html.Write($"""<form method="post" action="{links.Restore(queue)}">""");
            WriteLetters(html, request);
            html.Write($"</form>\n");
        }

        html.Write($"""<p class="pages">""");
        if (offset > 0)
            html.Write($"""<a rel="prev" href="{links.TrashOf(queue, ("offset", Number(Math.Max(0, offset - Size))))}">Newer</a> """);
        if (next is { } older)
            html.Write($"""<a rel="next" href="{links.TrashOf(queue, ("offset", Number(older)))}">Older</a>""");
        html.Write($"</p>\n");
    }

    void WriteLetters(Html html, OpsRequest request)
    {
        var choose = request.Viewer.Can(Right.Destroy);
        string[] columns = ["Failure", "Type", "Dead since", "Deleted", "Restorable until"];
        Tables.Begin(html, "Deleted dead letters", choose ? ["Select", .. columns] : columns);
        foreach (var trashed in letters)
        {
            var letter = trashed.Letter;
            html.Write($"<tr>");
            if (choose)
                html.Write($"<td>{Letters.Checkbox(letter)}</td>");
            html.Write($"""
                <th scope="row">{NameOf(letter)}<p class="sub">{VisibleText.Head(letter.FaultMessage, 200)}</p>
                <p class="sub"><code>{letter.Key}</code></p></th>
                <td>{Letters.TypeOf(letter)}</td>
                <td>{Formats.When(letter.DeadSince, request.Now)}</td>
                <td>{Formats.When(trashed.DeletedAt, request.Now)}</td>
                <td>{Formats.When(trashed.RestorableUntil, request.Now)}</td></tr>
                """);
        }

        Tables.End(html);
        if (choose)
        {
            html.Write($"""
                <p class="acts"><label id="all" hidden><input type="checkbox" data-all> Select the page</label>
                <label>Reason <input name="reason" maxlength="{RedisAuditEntry.MaxReason}" size="30"></label>
                <button>Restore selected</button></p>
                <p class="sub">Each goes back to its old place in {queue}.</p>
                """);
        }
    }

    static string NameOf(RedisDeadLetter letter) => letter.IsReadable ? Letters.TitleOf(letter) : "Too long to be shown, or unreadable";

    static string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
