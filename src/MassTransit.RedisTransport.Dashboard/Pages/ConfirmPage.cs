using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>What an action would do, before it is done. Works without JavaScript, and the back button repeats nothing.</summary>
internal sealed record Confirmation
{
    public required string Title { get; init; }

    /// <summary>What happens, with figures, and what does not.</summary>
    public required IReadOnlyList<string> Sentences { get; init; }

    public required string Button { get; init; }

    public bool IsDangerous { get; init; }

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

    public Section Section { get; init; }
}

internal sealed class ConfirmPage(Confirmation confirmation) : Page
{
    public const string TypedName = "name";

    public override string Title => confirmation.Title;

    public override Section Section => confirmation.Section;

    public override object Data => new
    {
        confirmation.Title,
        confirmation.Sentences,
        confirmation.TypedName,
        confirmation.Samples,
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

        html.Write($"""<form class="confirm" method="post" action="{confirmation.Target}">""");
        foreach (var (name, value) in confirmation.Fields)
        {
            if (!string.IsNullOrEmpty(value))
                html.Write($"""<input type="hidden" name="{name}" value="{new ExactText(value)}">""");
        }

        html.Write($"{confirmation.Inputs}");
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
