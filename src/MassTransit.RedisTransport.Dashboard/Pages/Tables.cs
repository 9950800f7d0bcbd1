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
    public static Fragment Live(string queue, string figure, long value) => html =>
        html.Write($"""<span data-live="{LiveName(queue, figure)}">{Formats.Count(value)}</span>""");

    public static string LiveName(string queue, string figure) => $"{queue}/{figure}";

    public static void Option(Html html, string value, string text, string? selected) =>
        html.Write($"""<option value="{new ExactText(value)}"{new Flag("selected", value == (selected ?? ""))}>{text}</option>""");

    /// <summary>The last part of a type's name or URN.</summary>
    public static string ShortType(string type)
    {
        var end = type.LastIndexOfAny([':', '.', '+']);
        return end < 0 || end == type.Length - 1 ? type : type[(end + 1)..];
    }
}
