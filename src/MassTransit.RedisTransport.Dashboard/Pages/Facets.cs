using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>Which values dead letters have, and the way to those that have one.</summary>
internal static class Facets
{
    /// <summary>A longer value is shown, and is no link.</summary>
    const int MaxLink = 200;

    public static void Write(Html html, Links links, string queue, LetterQuery query, FacetCounts? counts)
    {
        if (counts is not { Facets.Count: > 0 })
            return;
        html.Write($"""
            <section class="card" aria-labelledby="facets"><h2 id="facets">Values</h2>
            <p class="sub">{Looked(counts)}</p>
            <dl class="facts">
            """);
        foreach (var (facet, values) in counts.Facets)
        {
            html.Write($"<div><dt>{facet.Title}</dt><dd>");
            if (values.Count == 0)
                html.Write($"–");
            foreach (var (value, count) in values)
                html.Write($"""<span class="value">{Value(links, queue, query, facet, value)} {Formats.Count(count)}</span> """);
            html.Write($"</dd></div>\n");
        }

        html.Write($"</dl></section>\n");
    }

    public static object? DataOf(FacetCounts? counts) => counts is null ? null : new
    {
        counts.Looked,
        counts.IsAll,
        Values = counts.Facets.Select(x => new
        {
            x.Facet.Property,
            x.Facet.Title,
            Counts = x.Values.Select(y => new { y.Value, y.Count }),
        }),
    };

    /// <summary>A count of a part is told as one.</summary>
    static string Looked(FacetCounts counts) => counts.IsAll
        ? $"Of all {Formats.Count(counts.Looked)}."
        : $"Of the first {Formats.Count(counts.Looked)} that were looked at; there are more.";

    static Fragment Value(Links links, string queue, LetterQuery query, RedisMessageFacet facet, string value) => html =>
    {
        var shown = VisibleText.Head(value, 100);
        // An address takes a value as it is, but for what stands around it.
        if (value.Length <= MaxLink && value.Trim() == value)
            html.Write($"""<a href="{links.DeadMessages(queue, query.With(facet.Property, value).Pairs)}">{shown}</a>""");
        else
            html.Write($"{shown}");
    };
}
