using MassTransit.RedisTransport.Dashboard.Assets;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>What stands around every page.</summary>
internal static class Layout
{
    public static byte[] Render(Page page, OpsRequest request)
    {
        var html = new Html();
        var links = request.Links;
        html.Write($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{page.Title} · Redis transport</title>
            <link rel="icon" href="{Asset(links, AssetFile.Icon)}" type="image/svg+xml">
            <link rel="stylesheet" href="{Asset(links, AssetFile.Style)}">
            <script type="module" src="{Asset(links, AssetFile.Script)}"></script>
            </head>
            <body{Live(page, links)}>
            <a class="skip" href="{Link.Anchor("main")}">Skip to the content</a>
            <header class="top">
            <a class="brand" href="{links.Home}">Redis transport</a>
            <nav aria-label="Pages"><ul>
            """);
        foreach (var (section, text, link) in Entries(request))
        {
            html.Write($"""
                <li><a href="{link}"{Current(section == page.Section)}>{text}</a></li>
                """);
        }

        html.Write($"""
            </ul></nav>
            <p class="me">{request.Viewer.Name}</p>
            <div class="tools" hidden>
            <button type="button" id="hold" aria-pressed="false">Hold updates</button>
            <button type="button" id="theme">Theme</button>
            </div>
            </header>
            <p id="status" role="status"></p>
            <main id="main" tabindex="-1">
            <h1>{page.Title}</h1>
            """);
        if (Notice.Of(request) is { } notice)
            html.Write($"""<p class="notice" role="status">{notice}</p>""");
        page.Write(html, request);
        html.Write($"""

            </main>
            <footer><p>Times are UTC, by the clock of Redis where a message was stored. Page of {Formats.Time(request.Now)}.
            <a href="{links.About}">Your rights</a>{Graphs(request)}</p></footer>
            </body>
            </html>

            """);
        return html.ToBytes();
    }

    static IEnumerable<(Section Section, string Text, Link Link)> Entries(OpsRequest request)
    {
        var links = request.Links;
        yield return (Section.Now, "Now", links.Home);
        yield return (Section.Queues, "Queues", links.Queues);
        yield return (Section.Dead, "Dead letters", links.Dead);
        yield return (Section.Workers, "Workers", links.Workers);
        yield return (Section.Operations, "Operations", links.Operations);
        yield return (Section.Trash, "Trash", links.Trash);
        yield return (Section.Audit, "Audit", links.Audit);
        yield return (Section.About, "About", links.About);
    }

    static Fragment? Graphs(OpsRequest request) => request.Board.Settings.GrafanaUrl is not { } address ? null : html =>
        html.Write($""" · <a href="{Link.External(address)}" rel="noopener noreferrer">Graphs</a>""");

    static Link Asset(Links links, AssetFile file) => links.Asset(file.Name, file.Hash);

    static Fragment? Current(bool isCurrent) => isCurrent ? html => html.Write($""" aria-current="page" """) : null;

    static Fragment? Live(Page page, Links links) => page.LiveQueues.Count + page.LiveOperations.Count == 0 ? null : html =>
        html.Write($""" data-events="{links.Events(page.LiveQueues, page.LiveOperations)}" """);
}
