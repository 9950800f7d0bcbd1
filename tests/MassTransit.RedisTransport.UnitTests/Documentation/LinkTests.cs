using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.UnitTests.Documentation;

/// <summary>No link leads nowhere: files and headings are looked for, addresses on the internet are checked by their form.</summary>
public sealed class LinkTests
{
    static readonly IReadOnlyList<MarkdownFile> Pages = MarkdownFile.All();

    [Fact]
    public void Every_link_leads_somewhere()
    {
        var links = Pages.SelectMany(x => x.Links, (page, link) => (Page: page, Link: link)).ToList();

        Assert.True(links.Count > 100, "The links are not found any more.");
        Assert.Empty(links.Select(x => FindError(x.Page, x.Link)).OfType<string>());
    }

    [Fact]
    public void Every_page_of_the_documentation_is_linked_from_another_one()
    {
        var linked = Pages.SelectMany(page => page.Links.Where(x => !x.StartsWith("http", StringComparison.Ordinal))
            .Select(x => Resolve(page, x.Split('#')[0]))).ToHashSet(StringComparer.Ordinal);

        Assert.Empty(Pages.Select(x => x.Path).Where(x => x.StartsWith("docs/", StringComparison.Ordinal)).Except(linked));
    }

    static string? FindError(MarkdownFile page, string link)
    {
        if (link.Contains("://", StringComparison.Ordinal))
            return FindAddressError(page, link);
        // Packing makes addresses of these links; of others it makes none.
        if (page.Path.StartsWith("src/", StringComparison.Ordinal) && !link.StartsWith("../../", StringComparison.Ordinal))
            return $"{page.Path}: {link} does not begin at the repository's root (../../), and leads nowhere on a gallery.";
        return FindError(page, link, Resolve(page, link.Split('#')[0]));
    }

    static string? FindAddressError(MarkdownFile page, string link) =>
        Uri.TryCreate(link, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            ? null
            : $"{page.Path}: {link} is no https address.";

    static string? FindError(MarkdownFile page, string link, string path)
    {
        var full = Path.Combine(Repository.Root, path);
        if (path.StartsWith("..", StringComparison.Ordinal) || !(File.Exists(full) || Directory.Exists(full)))
            return $"{page.Path}: {link} is no file.";
        // A file system that heeds no case finds what others do not.
        if (File.Exists(full) && !Directory.GetFiles(Path.GetDirectoryName(full)!).Contains(full, StringComparer.Ordinal))
            return $"{page.Path}: {link} is written otherwise.";
        if (!link.Contains('#', StringComparison.Ordinal))
            return null;
        return MarkdownFile.Read(path).Anchors.Contains(link[(link.IndexOf('#', StringComparison.Ordinal) + 1)..])
            ? null : $"{page.Path}: {link} is no heading.";
    }

    /// <summary>The path from the repository's root; the page itself, where a link has nothing but a heading.</summary>
    static string Resolve(MarkdownFile page, string path) => path.Length == 0
        ? page.Path
        : Path.GetRelativePath(Repository.Root, Path.GetFullPath(path, Path.GetDirectoryName(Path.Combine(Repository.Root, page.Path))!))
        .Replace('\\', '/');
}
