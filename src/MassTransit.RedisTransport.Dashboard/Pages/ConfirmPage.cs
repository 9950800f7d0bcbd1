using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>What an action would do, before it is done. Works without JavaScript, and the back button repeats nothing.</summary>
internal sealed class Confirmation
{
    public required string Title { get; init; }

    /// <summary>What happens, with figures, and what does not.</summary>
    public required IReadOnlyList<string> Sentences { get; init; }

    /// <summary>The same figures for tools.</summary>
    public object? Figures { get; init; }

    public required string Button { get; init; }

    public bool IsDangerous { get; init; }

    /// <summary>Why it cannot be done now; <c>null</c>: it can.</summary>
    public Fragment? Obstacle { get; init; }

    /// <summary>The name that must be typed; <c>null</c>: none.</summary>
    public string? TypedName { get; init; }

    public required Link Target { get; init; }

    public required Link Cancel { get; init; }

    /// <summary>What the form carries.</summary>
    public IReadOnlyList<(string Name, string? Value)> Fields { get; init; } = [];

    /// <summary>Some of what is meant.</summary>
    public IReadOnlyList<string> Samples { get; init; } = [];

    /// <summary>Further inputs.</summary>
    public Fragment? Inputs { get; init; }

    /// <summary>The line of the command line tool that does the same; <c>null</c>: there is none.</summary>
    public string? Command { get; init; }

    public Section Section { get; init; }
}

internal sealed class ConfirmPage(Confirmation confirmation) : Page
{
    /// <summary>The field in which the name is typed.</summary>
    public const string TypedName = "name";

    public override string Title => confirmation.Title;

    public override Section Section => confirmation.Section;

    public override object Data => new
    {
        confirmation.Title,
        confirmation.Sentences,
        confirmation.TypedName,
        confirmation.Samples,
        confirmation.Figures,
        confirmation.Command,
        Target = confirmation.Target.Address,
    };

    public override void Write(Html html, OpsRequest request)
    {
        foreach (var sentence in confirmation.Sentences)
            html.Write($"<p>{sentence}</p>\n");
        if (confirmation.Samples.Count > 0)
        {
            html.Write($"<p>Among them:</p>\n<ul>\n");
            foreach (var sample in confirmation.Samples)
                html.Write($"<li>{sample}</li>\n");
            html.Write($"</ul>\n");
        }

        if (confirmation.Obstacle is { } obstacle)
        {
            html.Write($"""
                <p class="problem">{obstacle}</p>
                <p><a class="button" href="{confirmation.Cancel}">Back</a></p>
                """);
        }
        else
        {
            WriteForm(html);
        }

        Tables.Command(html, confirmation.Command);
    }

    void WriteForm(Html html)
    {
        html.Write($"""<form class="confirm" method="post" action="{confirmation.Target}">""");
        Tables.Hidden(html, confirmation.Fields);
        html.Write($"""
            {confirmation.Inputs}
            <p><label>Reason <input name="reason" maxlength="{RedisAuditEntry.MaxReason}" size="40"></label></p>
            """);
        if (confirmation.TypedName is { } typed)
        {
            html.Write($"""
                <p><label>Type <code>{typed}</code> to confirm
                <input name="{TypedName}" required autocomplete="off" spellcheck="false"></label></p>
                """);
        }

        html.Write($"""
            <p class="acts"><button class="{(confirmation.IsDangerous ? "danger" : "primary")}">{confirmation.Button}</button>
            <a class="button" href="{confirmation.Cancel}">Cancel</a></p>
            </form>
            """);
    }
}
