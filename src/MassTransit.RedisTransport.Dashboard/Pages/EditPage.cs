using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Payloads;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The body of a dead letter, to be changed.</summary>
internal sealed class EditPage(Described described, EditText text, string shown) : Page
{
    /// <summary>Why the text cannot be taken; <c>null</c>: it was not looked at yet.</summary>
    public string? Problem { get; init; }

    public override string Title => $"Edit {Letters.TitleOf(described.Letter)}";

    public override Section Section => Section.Dead;

    public override object Data => new { Letter = LetterData.Head(described.Letter), text.IsJson, Text = shown, Problem };

    public override void Write(Html html, OpsRequest request)
    {
        var (links, letter) = (request.Links, described.Letter);
        html.Write($"""
            <p><a href="{links.DeadLetter(letter.Queue, letter.Key)}">Back to the dead letter</a></p>
            <p>{What()} of the message {letter.MessageId.ToString()}. Nothing is changed before you have seen what has changed.</p>
            <form class="confirm" method="post" action="{links.DeadLetterPart(letter.Queue, letter.Key, "edit")}">
            """);
        if (Problem is { } problem)
            html.Write($"""<p class="problem" id="problem">{problem}</p>""");
        // A browser takes one end of a line away.
        html.Write($"""
            <p><label for="text">Body</label></p>
            <textarea id="text" name="text" spellcheck="false" autocomplete="off"{Invalid()}>{"\n"}
            """);
        html.Write($"""
            {new ExactText(shown)}</textarea>
            <p class="acts"><button class="primary">Show what has changed</button>
            <a class="button" href="{links.DeadLetter(letter.Queue, letter.Key)}">Cancel</a></p>
            </form>
            """);
    }

    Fragment? Invalid() => Problem is null ? null : html => html.Write($""" aria-invalid="true" aria-describedby="problem" """);

    string What() => described.Description is not null ? "The body that its sender has given" : text.IsMessage ? "The JSON" : "The body";
}
