using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Payloads;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>What an edit changes, before it is replayed.</summary>
internal sealed class DiffPage(Described described, EditText text, string changed) : Page
{
    /// <summary>How much is shown. An edit by hand changes less.</summary>
    const int MaxLines = 400;
    const int MaxLine = 400;
    const int MaxMarkup = 100 * 1024;

    readonly IReadOnlyList<(DiffKind Kind, string Line)> _lines = LineDiff.Of(text.Text, changed);

    public override string Title => $"Edited {Letters.TitleOf(described.Letter)}";

    public override Section Section => Section.Dead;

    public override object Data => new
    {
        Letter = LetterData.Head(described.Letter),
        Diff = _lines.Take(MaxLines).Select(x => $"{Mark(x.Kind)}{VisibleText.Head(x.Line, MaxLine)}"),
    };

    public override void Write(Html html, OpsRequest request)
    {
        var (links, letter) = (request.Links, described.Letter);
        html.Write($"""
            <div class="scroll" role="region" aria-label="What has changed" tabindex="0"><pre class="diff">
            """);
        WriteLines(html);
        html.Write($"""
            </pre></div>
            <p>The edited message would go back to {letter.OriginalQueue}, behind the messages that wait there, with its id. The original
            would lie in the trash for 24 hours. Both in one step.</p>
            <form class="confirm" method="post" action="{links.DeadLetterPart(letter.Queue, letter.Key, "edit/replay")}">
            <input type="hidden" name="text" value="{new ExactText(changed)}">
            <p><label>Reason <input name="reason" maxlength="{RedisAuditEntry.MaxReason}" size="40"></label></p>
            <p class="acts"><button class="primary">Replay the edited message</button>
            <button name="again" value="yes" formaction="{links.DeadLetterPart(letter.Queue, letter.Key, "edit")}">Change it again</button>
            <a class="button" href="{links.DeadLetter(letter.Queue, letter.Key)}">Cancel</a></p>
            </form>
            """);
    }

    void WriteLines(Html html)
    {
        var budget = MaxMarkup;
        foreach (var (kind, line) in _lines.Take(MaxLines))
        {
            var shown = $"{Mark(kind)}{VisibleText.Head(line, MaxLine)}";
            budget -= 10 * shown.Length;
            if (budget < 0)
                break;
            if (kind == DiffKind.Removed)
                html.Write($"<del>{shown}</del>\n");
            else if (kind == DiffKind.Added)
                html.Write($"<ins>{shown}</ins>\n");
            else
                html.Write($"{shown}\n");
        }

        if (budget < 0 || _lines.Count > MaxLines)
            html.Write($"… more has changed\n");
    }

    static string Mark(DiffKind kind) => kind switch
    {
        DiffKind.Removed => "- ",
        DiffKind.Added => "+ ",
        DiffKind.Gap => "…",
        _ => "  ",
    };
}
