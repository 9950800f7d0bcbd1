using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>Parts that several pages have.</summary>
internal static class Tables
{
    /// <summary>A table that scrolls in its own box on a narrow screen, which a keyboard reaches.</summary>
    public static void Begin(Html html, string label, params string[] columns)
    {
        html.Write($"""
            <div class="scroll" role="region" aria-label="{label}" tabindex="0">
            <table>
            <thead><tr>
            """);
        foreach (var column in columns)
        {
            // A number stands to the right: its column's name begins with '#'.
            if (column.StartsWith('#'))
                html.Write($"""<th scope="col" class="n">{column[1..]}</th>""");
            else
                html.Write($"""<th scope="col">{column}</th>""");
        }

        html.Write($"</tr></thead>\n<tbody>\n");
    }

    public static void End(Html html) => html.Write($"</tbody>\n</table>\n</div>\n");

    /// <summary>A figure of a queue, which is updated while the page is open.</summary>
    public static Fragment Live(string queue, string figure, long value) => Live(queue, figure, Formats.Count(value));

    /// <summary>A text about a queue or an operation, which is updated while the page is open.</summary>
    public static Fragment Live(string name, string figure, string text) => html =>
        html.Write($"""<span data-live="{LiveName(name, figure)}">{text}</span>""");

    public static string LiveName(string name, string figure) => $"{name}/{figure}";

    /// <summary>What a form carries beside its inputs.</summary>
    public static void Hidden(Html html, IEnumerable<(string Name, string? Value)> fields)
    {
        foreach (var (name, value) in fields)
        {
            if (!string.IsNullOrEmpty(value))
                html.Write($"""<input type="hidden" name="{name}" value="{new ExactText(value)}">""");
        }
    }

    /// <summary>The line of the command line tool that does the same; <c>null</c>: nothing.</summary>
    public static void Command(Html html, string? command)
    {
        if (command is null)
            return;
        html.Write($"""
            <p class="sub command">At a command line: <code id="command">{command}</code>
            <button type="button" data-copy="command" hidden>Copy<span class="hidden"> the line</span></button></p>
            """);
    }

    public static void Option(Html html, string value, string text, string? selected) =>
        html.Write($"""<option value="{new ExactText(value)}"{new Flag("selected", value == (selected ?? ""))}>{text}</option>""");

    /// <summary>The last part of a type's name or URN.</summary>
    public static string ShortType(string type)
    {
        var end = type.LastIndexOfAny([':', '.', '+']);
        return end < 0 || end == type.Length - 1 ? type : type[(end + 1)..];
    }
}
