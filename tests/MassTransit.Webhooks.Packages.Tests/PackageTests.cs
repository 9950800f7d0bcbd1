using System.Text;
using System.Text.RegularExpressions;
using MassTransit.Webhooks.Packages.Tests.Support;

namespace MassTransit.Webhooks.Packages.Tests;

/// <summary>What is in the packages, read from the files that would be published.</summary>
[Collection(PackagesCollection.Name)]
[Trait("Category", "Packages")]
public partial class PackageTests(PackedSource source)
{
    [Fact]
    public void Every_project_of_src_is_a_package_with_symbols_and_one_version()
    {
        Assert.Equal(Build.Projects, source.Packages.Select(x => x.Id).Order());
        Assert.All(source.Packages, x => Assert.Equal(source.Version, x.Version));
        Assert.All(source.Packages, x => Assert.True(x.HasSymbols, $"{x} has no symbols."));
    }

    [Fact]
    public void A_package_tells_what_it_is_and_where_it_comes_from()
    {
        Assert.All(source.Packages, x =>
        {
            Assert.InRange(x.Text("description").Length, 60, 400);
            Assert.Equal(Build.Address, x.Text("projectUrl"));
            Assert.Equal(Build.Address, x.Text("repository", "url"));
            Assert.Equal("git", x.Text("repository", "type"));
            Assert.Equal("Apache-2.0", x.Text("license"));
            Assert.StartsWith(Build.Address, x.Text("releaseNotes"), StringComparison.Ordinal);
            Assert.InRange(x.Text("tags").Split(' ').Length, 3, 12);
            Assert.Equal(source.Packages.Count, source.Packages.Select(y => y.Text("description")).Distinct().Count());
        });
    }

    [Fact]
    public void A_package_has_an_icon_of_128_by_128()
    {
        Assert.All(source.Packages, x =>
        {
            var icon = x.Content(x.Text("icon"));
            Assert.NotNull(icon);
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], icon[..4]);
            // Width and height, in the first chunk.
            Assert.Equal([0, 0, 0, 128, 0, 0, 0, 128], icon[16..24]);
        });
    }

    [Fact]
    public void A_readme_is_the_packages_own_and_its_links_work_on_a_gallery()
    {
        Assert.All(source.Packages, x =>
        {
            var readme = Readme(x);
            Assert.StartsWith($"# {x.Id}\n", readme, StringComparison.Ordinal);
            Assert.InRange(readme.Split('\n').Length, 10, 40);
            Assert.Contains($"dotnet {(x.IsTool ? "tool install -g" : "add package")} {x.Id}\n", readme, StringComparison.Ordinal);
            var links = Links().Matches(readme).Select(y => y.Groups[1].Value).ToList();
            Assert.NotEmpty(links);
            Assert.All(links, y => Assert.StartsWith("https://", y, StringComparison.Ordinal));
            var own = links.Where(y => y.StartsWith(Build.Address, StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(own);
            Assert.All(own, y => Assert.True(File.Exists(FileOf(y)), $"{x.Id}: {y} leads to no file."));
        });
    }

    [Fact]
    public void Packages_that_use_anothers_internals_ask_for_exactly_its_version()
    {
        // A tool asks for nothing: it has the others inside.
        Assert.All(source.Packages.Where(x => x.IsTool), x => Assert.Empty(x.Dependencies));
        var pins = source.Packages.SelectMany(seam => source.Packages.Where(x => !x.IsTool && seam.Friends.Contains(x.Assembly))
            .Select(friend => (Friend: friend, Seam: seam.Id))).ToList();

        // A refactoring may end a friendship, but not all of them while this test looks on.
        Assert.NotEmpty(pins);
        Assert.All(pins, x => Assert.Equal($"[{source.Version}]", x.Friend.Dependencies.GetValueOrDefault(x.Seam)));
    }

    [Fact]
    public void Packages_that_use_only_what_is_public_take_newer_versions_too()
    {
        var others =
            source.Packages.SelectMany(x => source.Packages.Where(y => x.Dependencies.ContainsKey(y.Id) && !y.Friends.Contains(x.Assembly))
            .Select(y => x.Dependencies[y.Id]));
        Assert.All(others, x => Assert.Equal(source.Version, x));
    }

    [Fact]
    public async Task Another_prefix_changes_ids_dependencies_and_readmes_together()
    {
        var renamed = await source.PackWithPrefixAsync("Contoso.");

        string Renamed(string id) => Build.Projects.Contains(id) ? $"Contoso.{id["MassTransit.".Length..]}" : id;
        Assert.Equal(source.Packages.Select(x => Renamed(x.Id)).Order(), renamed.Select(x => x.Id).Order());
        Assert.All(source.Packages, before =>
        {
            var after = renamed.Single(x => x.Id == Renamed(before.Id));
            Assert.Equal(before.Assembly, after.Assembly);
            Assert.Equal(before.Dependencies.Select(x => (Renamed(x.Key), x.Value)).Order(),
                after.Dependencies.Select(x => (x.Key, x.Value)).Order());
            Assert.Contains($"dotnet {(after.IsTool ? "tool install -g" : "add package")} {after.Id}\n", Readme(after),
                StringComparison.Ordinal);
        });
    }

    static string Readme(Package package)
    {
        var file = package.Content(package.Text("readme"));
        Assert.NotNull(file);
        return Encoding.UTF8.GetString(file).ReplaceLineEndings("\n");
    }

    static string FileOf(string link) => Path.Combine(Build.Repository, link[$"{Build.Address}/blob/main/".Length..].Split('#')[0]);

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Links();
}
